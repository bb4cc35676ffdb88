import { PUSHES, client } from "./session.ts";
import { device } from "./storage.ts";

const WORKER_MS = 15_000;

/** Thrown when a device cannot get pushes, with the reason. */
export class PushDenied extends Error {}

export const supportsPushes = (): boolean =>
  "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;

export const hasPushes = (): boolean => supportsPushes() && device.get(PUSHES) !== null;

/**
 * Subscribes this device to pushes, after the browser has asked the member for permission.
 * @param key the platform's public key, as Base64url
 * @throws PushDenied when the member or the browser denies it; ProblemError
 */
export async function turnOnPushes(key: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") throw new PushDenied("The browser refuses.");
  const { pushManager } = await worker();
  const subscription = await subscribe(pushManager, key).catch((cause: unknown) => {
    throw new PushDenied("The browser's push service refuses.", { cause });
  });
  const { endpoint = "", expirationTime = null, keys = {} } = subscription.toJSON();
  const { p256dh = "", auth = "" } = keys;
  const body = { endpoint, expirationTime, keys: { p256dh, auth } };
  const { id } = await client.call("subscribeToPushes", { body });
  device.set(PUSHES, id);
}

/** Rejects after a timeout: without an installed service worker, `ready` would never resolve. */
async function worker(): Promise<ServiceWorkerRegistration> {
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new PushDenied("There is no service worker.")), WORKER_MS),
  );
  return Promise.race([navigator.serviceWorker.ready, late]);
}

/**
 * Renews the push subscription of a device that had one: it expires with the session, and a browser may drop it.
 * @param isNewSession if false, renews the subscription only where the browser has lost it
 */
export async function renewPushes(isNewSession: boolean): Promise<void> {
  if (!hasPushes() || Notification.permission !== "granted") return;
  const { pushManager } = await worker();
  if (!isNewSession && (await pushManager.getSubscription()) !== null) return;
  const { push_public_key: key } = await client.call("getNotificationSettings", {});
  if (key !== null) await turnOnPushes(key);
}

/**
 * Creates the browser's subscription for the platform's public key. If the browser has a subscription for another key,
 * removes it first: the push service rejects pushes that the platform signs with its new key.
 */
async function subscribe(manager: PushManager, applicationServerKey: string): Promise<PushSubscription> {
  const options = { userVisibleOnly: true, applicationServerKey };
  try {
    return await manager.subscribe(options);
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
    await (await manager.getSubscription())?.unsubscribe();
    return manager.subscribe(options);
  }
}

/** Removes the subscription from the browser and from the API. */
export async function turnOffPushes(): Promise<void> {
  const id = device.get(PUSHES);
  if (id !== null) await client.call("unsubscribeFromPushes", { path: { subscription_id: id } });
  await forgetPushes();
}

/** Removes the subscription from the browser: the API sends no pushes after the session is revoked. */
export async function forgetPushes(): Promise<void> {
  device.remove(PUSHES);
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  await subscription?.unsubscribe();
}

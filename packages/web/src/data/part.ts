import { tab } from "./storage.ts";

/** Key of the time at which this tab was reloaded because of a missing script. */
const RELOADED = "gotong.reloaded";
/**
 * Minimum time between two reloads because of a missing script. A script that is missing after a reload too is reported
 * to the member.
 */
const PAUSE_MS = 60_000;
/** A file that the service worker never answers, so a response shows that the server can be reached. */
const UNCACHED = "/sw.js";

/**
 * Loads a part of the app. After a deployment, a server no longer has the scripts of the version that is open in this
 * tab. The page is then reloaded once, with the scripts of the new version; without a network it is not reloaded.
 * @throws TypeError if the script cannot be loaded
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(await reloadOnce())) throw error;
    // Never settles: the page is being reloaded.
    return new Promise(() => undefined);
  }
}

/** @returns whether the page is being reloaded */
async function reloadOnce(): Promise<boolean> {
  if (Date.now() - Number(tab.get(RELOADED)) < PAUSE_MS) return false;
  const answer = await fetch(UNCACHED, { method: "HEAD", cache: "no-store" }).catch(() => undefined);
  if (answer?.ok !== true) return false;
  // Without storage, each page would be reloaded again.
  if (!tab.set(RELOADED, String(Date.now()))) return false;
  location.reload();
  return true;
}

import { device } from "./storage.ts";

/** Difference of the clocks up to which the device's clock counts as correct; a slow network alone causes a second or two. */
const TOLERATED_MS = 60_000;
/** Key of the stored difference between the API's clock and this device's clock, which acts without a network need. */
const KEPT = "gotong.clock";

let aheadMs = Number(device.get(KEPT)) || 0;

/** Measures the difference between this device's clock and the API's clock, from the header `Date` of a response. */
export function readClock(answer: Response): void {
  const time = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(time)) return;
  const difference = time - Date.now();
  const next = Math.abs(difference) > TOLERATED_MS ? difference : 0;
  if (Math.abs(next - aheadMs) < TOLERATED_MS) return;
  aheadMs = next;
  device.set(KEPT, String(next));
}

/** The current time of the API's clock, in milliseconds. */
export const nowMs = (): number => Date.now() + aheadMs;

/** Converts a time of this device's clock, by default the current time, to the API's clock. RFC 3339. */
export const rightTime = (deviceMs = Date.now()): string => new Date(deviceMs + aheadMs).toISOString();

export const sleep = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms));

/** A second or two come from the network; a clock that is wrong by more than this is not trusted. */
const TOLERATED_MS = 60_000;
/** The API's clock before this device's; kept for acts without a network. */
const KEPT = "gotong.clock";

let aheadMs = Number(localStorage.getItem(KEPT)) || 0;

/** Learns from an answer by how much this device's clock is wrong. */
export function readClock(answer: Response): void {
  const time = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(time)) return;
  const difference = time - Date.now();
  const next = Math.abs(difference) > TOLERATED_MS ? difference : 0;
  if (Math.abs(next - aheadMs) < TOLERATED_MS) return;
  aheadMs = next;
  localStorage.setItem(KEPT, String(next));
}

/** A time that this device's clock gave, now unless another is given, as the API's clock would have it. RFC 3339. */
export const rightTime = (deviceMs = Date.now()): string => new Date(deviceMs + aheadMs).toISOString();

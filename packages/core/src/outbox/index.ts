export type { Body } from "./body.ts";
export { Event } from "./event.ts";
export { DeadLetter, DeliveryMessage, type Dispatched, Outcome, Probe, Sweep as SweepMessage } from "./message.ts";
export { Late, actOfOneStatement } from "./one-statement.ts";
export { Leftovers, lockEvents } from "./leftovers.ts";
export { Sweep } from "./sweep.ts";
export { Timer } from "./timer.ts";
export { CONTRIBUTION_TYPES, EVIDENCE_TYPES, RELATIONSHIPS, WEIGHT_HINTS } from "./vocabulary.ts";

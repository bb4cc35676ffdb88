export { StoredResponses } from "./expired.ts";
export { Idempotency, type RequestOutcome } from "./idempotency.ts";

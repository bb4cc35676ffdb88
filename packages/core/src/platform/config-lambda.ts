import * as v from "valibot";
import { oneLine, someOf } from "./config-values.ts";

/** Settings of the section `queue` on Lambda alone. */
export const LAMBDA_QUEUES = {
  /** The id of the event source mapping of the deliveries queue. */
  DELIVERIES_TRIGGER_ID: v.optional(oneLine),
  /** The queues that the sweep reads because their triggers are off: docs/adr/0023. */
  QUEUES_WITHOUT_TRIGGER: v.optional(someOf(["outcomes", "evidence", "breaker"]), ""),
  /** The functions to which the sweep hands the messages of such queues. */
  EVIDENCE_FUNCTION: v.optional(oneLine),
  BREAKER_FUNCTION: v.optional(oneLine),
};

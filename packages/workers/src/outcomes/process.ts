import { Outcome } from "@gotong/core/event/message.ts";
import { recordOutcome } from "@gotong/core/event/record.ts";
import { type Worker, parseBody } from "../batch.ts";

/** Records how attempts ended. */
export const outcomes: Worker = {
  queue: "outcomes",
  process: async (message) => {
    await recordOutcome(parseBody(Outcome, message));
    return undefined;
  },
};

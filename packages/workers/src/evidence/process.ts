import { Examination } from "@gotong/core/event/message.ts";
import { examine } from "@gotong/core/evidence/examine.ts";
import { Log } from "@gotong/core/log.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/** Examines the file of a piece of evidence. */
export const evidence: Worker = {
  queue: "evidence",
  process: (message) => {
    const { evidence_id, request_id } = parseBody(Examination, message);
    return asSystem("evidence", request_id, async () => {
      Log.info("evidence examined", { evidence_id, result: await examine(evidence_id) });
      return undefined;
    });
  },
};

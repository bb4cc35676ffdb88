import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { examine, examineObject } from "@gotong/core/domain/evidence/examine.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

const id = v.pipe(v.string(), v.uuid());
const request_id = v.string();

/** The messages of the queue. Each release must parse those of the previous and of the next release (outbox/message.ts). */
const Message = v.union([
  /** A piece of evidence whose file must be examined. */
  v.object({ evidence_id: id, request_id }),
  /** A profile picture that must be examined, or whose original must be erased. */
  v.object({ avatar_id: id, request_id }),
  /** A deleted member whose texts and files must be erased. */
  v.object({ erasure_of: id, request_id }),
  /** The files of ended uploads must be deleted. */
  v.object({ ended_uploads: v.literal(true), request_id }),
  /**
   * The key of an object that GuardDuty has scanned. An EventBridge rule writes the message (infra/malware.ts); the scan
   * result itself is a tag of the object.
   */
  v.object({ scanned_key: v.pipe(v.string(), v.nonEmpty()), request_id }),
]);

const RETRY_SECONDS = 10;
const MAX_EARLY_RECEIVES = 6;

/**
 * Examines the files of evidence, also after a malware scan has finished, and profile pictures; erases the texts and files of deleted members; deletes
 * files that were never submitted. Waiting messages stay in the queue for the next free process.
 */
export const evidence: Worker = {
  queue: "evidence",
  get loops() {
    return Config.section("examination").EXAMINATIONS_AT_ONCE;
  },
  process: (message) => {
    const asked = parseBody(Message, message);
    return asSystem("evidence", asked.request_id, async () => {
      if ("erasure_of" in asked) {
        const { work } = await import("@gotong/core/domain/account/erasure/index.ts");
        Log.info("a deleted member's data was erased", { result: await work(asked.erasure_of) });
        return undefined;
      }
      if ("ended_uploads" in asked) {
        const { UnusedUploads } = await import("@gotong/core/domain/evidence/unused-uploads.ts");
        Log.info("files that were never submitted were deleted", { uploads: await UnusedUploads.erase() });
        return undefined;
      }
      if ("avatar_id" in asked) {
        const avatars = await import("@gotong/core/domain/avatar/examine.ts");
        const examined = await avatars.examine(asked.avatar_id);
        Log.info("a profile picture was examined", { avatar_id: asked.avatar_id, result: examined });
        return examined === "again" ? RETRY_SECONDS : undefined;
      }
      const subject = "scanned_key" in asked ? { key: asked.scanned_key } : { evidence_id: asked.evidence_id };
      const startedAt = performance.now();
      const result = await ("scanned_key" in asked ? examineObject(asked.scanned_key) : examine(asked.evidence_id));
      if (result === "later") {
        Log.info("the file of another member goes first", subject);
        return undefined;
      }
      if (result === "waiting") {
        Log.info("the file waits for its malware scan", subject);
        // GuardDuty's event may arrive before its tag is set, so the message is retried a few times. If the tag is
        // missing even then, a later sweep enqueues the examination again.
        return "scanned_key" in asked && message.receiveCount <= MAX_EARLY_RECEIVES ? RETRY_SECONDS : undefined;
      }
      Metrics.observe("evidence_processing_duration_seconds", (performance.now() - startedAt) / 1000, { result });
      Log.info("evidence examined", { ...subject, result });
      return result === "again" ? RETRY_SECONDS : undefined;
    });
  },
};

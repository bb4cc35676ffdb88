import { DeadLetters, measureBacklog } from "@gotong/core/webhook/index.ts";
import { Leftovers, Sweep, SweepMessage, Timer } from "@gotong/core/outbox/index.ts";
import { EvidenceQueue } from "@gotong/core/domain/evidence/index.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { type Worker, parseBody } from "../batch.ts";
import { recordOutcomesOfSweep, recordWaiting } from "../outcomes/process.ts";

const REPEAT_SECONDS = 300;

/**
 * Repeats the steps that acts could not finish after their commit: publishes their events and enqueues their
 * examinations. Also does work that waits until the database runs: outcomes of attempts, dead letters, expired records.
 * Sends another sweep only while work is left, so that an idle platform has no sweeps and its database auto-pauses. On
 * stages with few triggers it also records outcomes, and passes the messages of `breaker` and `evidence` to their
 * functions (docs/adr/0023).
 */
export const sweep: Worker = {
  queue: "sweep",
  process: async (message) => {
    const { only, not_before, gone_subscription } = parseBody(SweepMessage, message);
    if (gone_subscription !== undefined) {
      await (
        await import("@gotong/core/domain/notification/subscriptions.ts")
      ).PushSubscriptions.forget(gone_subscription);
      return undefined;
    }
    const early = not_before === undefined ? 0 : Math.ceil((Date.parse(not_before) - Clock.now().getTime()) / 1000);
    if (early > 0) {
      await Sweep.send(early, only);
      return undefined;
    }
    if (only !== undefined) {
      await (await import("../dispatch.ts")).dispatch(only);
      return undefined;
    }
    const events = await Leftovers.publishLeftovers();
    if (Sweep.reads("outcomes")) await recordOutcomesOfSweep();
    await recordWaiting();
    await DeadLetters.collect();
    const examinations = await EvidenceQueue.enqueueOverdue();
    if (events.sent > 0 || examinations.sent > 0)
      Log.warn("sweep found leftovers", { events: events.sent, examinations: examinations.sent });
    const expired = await (await import("@gotong/core/domain/task/index.ts")).Claims.expire();
    const avatars = await (await import("@gotong/core/domain/avatar/queue.ts")).enqueueOverdue();
    const erasures = await (await import("@gotong/core/domain/account/erasure/index.ts")).enqueueOverdue();
    const unused = await (await import("@gotong/core/domain/evidence/unused-uploads.ts")).UnusedUploads.end();
    if (unused.ended > 0) Log.info("unused uploads were ended", { ended: unused.ended });
    if (events.more || examinations.more || erasures.more || avatars.more || expired.more || unused.more)
      await repeatIn(events.more && events.failed === 0 ? 5 : REPEAT_SECONDS);
    await notifyOutside();
    await sealProofs();
    await endAbandonedUploads();
    const removed = await Retention.removeExpired();
    if (Object.values(removed).some((count) => count > 0)) Log.info("expired records were removed", { ...removed });
    await measureBacklog();
    return undefined;
  },
};

/**
 * Ensures that another sweep runs. All sweeps share one timer, so that there is at most one further sweep. Otherwise
 * each act would start its own chain of sweeps, which ends only when no work is left; on a busy platform some work is
 * always left.
 */
const repeatIn = (seconds: number) => Timer.armAt("repeat", new Date(Clock.now().getTime() + seconds * 1000));

/** Sends pushes and digests. A failure is only logged, since a later sweep repeats the work. */
async function notifyOutside(): Promise<void> {
  try {
    const { Reminders } = await import("@gotong/core/domain/task/reminders.ts");
    const reminder = await Reminders.run();
    if (reminder !== null) await Timer.armAt("reminders", reminder);
    const { Pushes } = await import("@gotong/core/domain/notification/pushes.ts");
    const push = await Pushes.run();
    if (push !== null) await Timer.armAt("pushes", push);
    const { Digests } = await import("@gotong/core/domain/notification/digests.ts");
    const digest = await Digests.run();
    if (digest !== null) await Timer.armAt("digests", digest);
  } catch (error) {
    Log.error("reminders, pushes or digests could not be sent", error);
  }
}

/** Seals decided contributions. A failure is only logged, since a later sweep repeats it and a storage failure must not stop this sweep. */
async function sealProofs(): Promise<void> {
  try {
    const sealed = await (await import("@gotong/core/domain/proof/sealing.ts")).sealDecided();
    if (sealed > 0) Log.info("contributions were sealed", { sealed });
  } catch (error) {
    Log.error("contributions could not be sealed", error);
  }
}

/** Like {@link sealProofs}, only logs a failure, since a later sweep repeats the work. */
async function endAbandonedUploads(): Promise<void> {
  try {
    const { UploadParts } = await import("@gotong/core/domain/evidence/upload-parts.ts");
    const ended = await UploadParts.endAbandoned();
    if (ended > 0) Log.info("abandoned uploads were ended", { ended });
  } catch (error) {
    Log.error("abandoned uploads could not be ended", error);
  }
}

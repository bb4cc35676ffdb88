import * as v from "valibot";
import { Log } from "@gotong/core/platform/log.ts";
import { PushMessage } from "@gotong/core/platform/push/index.ts";
import { MailDelivery, MailMessage, openMail } from "@gotong/core/platform/mail/index.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { type Worker, asSystem, parseBody, sendToDeadLetterQueue } from "../batch.ts";
import { sendPush } from "./push.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import type { Incoming } from "@gotong/core/platform/queue/index.ts";

/** Delay before the first retry of a failed mail; it doubles up to 15 minutes. */
const FIRST_RETRY_SECONDS = 15;
const LONGEST_RETRY_SECONDS = 900;
/**
 * Age at which a failing mail is dead-lettered, since the token in it has expired by then. Not a receive count, which would include receives for
 * which Lambda did not start the function.
 */
const DEAD_AFTER_MS = 7 * 3_600_000;

/**
 * Sends one mail through the mail server. Needs no database: the message contains the whole mail, encrypted. A mail may arrive twice if a worker
 * stops between the mail server's response and the acknowledgement of the message.
 */
export const mail: Worker = {
  queue: "mail",
  process: async (message) => {
    const sealed = parseBody(v.union([PushMessage, MailMessage]), message);
    if ("push_id" in sealed)
      return asSystem("push", sealed.request_id, async () => {
        await sendPush(message, sealed);
        return undefined;
      });
    return asSystem("mail", sealed.request_id, async () => {
      try {
        const { to, subject, text } = openMail(sealed);
        if (to === null) return undefined;
        const result = await MailDelivery.deliver({ to, subject, text });
        if (result === "sent") {
          Metrics.count("mail_sent_total");
          Log.info("mail sent");
        } else Metrics.count("mail_failed_total", { reason: "rejected" });
        return undefined;
      } catch (error) {
        if (isTooOld(message) && (await sendToDeadLetterQueue("mail", message, "the mail was not sent in time")))
          return undefined;
        Metrics.count("mail_failed_total", { reason: "retried" });
        Log.error("a mail was not sent and will be retried", error, { receive_count: message.receiveCount });
        return Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** Math.min(message.receiveCount - 1, 10));
      }
    });
  },
};

const isTooOld = ({ sentAtMs }: Incoming) => sentAtMs !== undefined && Clock.now().getTime() - sentAtMs > DEAD_AFTER_MS;

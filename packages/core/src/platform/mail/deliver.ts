import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SESv2Client } from "@aws-sdk/client-sesv2";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { assertNoConnectionInUse } from "../db/scope.ts";
import { Id } from "../id.ts";
import { Log } from "../log.ts";
import type { Mail } from "./mail.ts";
import { onReset } from "../reset.ts";

/** Time limit for sending: SES answers in well under a second, and a worker's function may run for 30 s. */
const SEND_LIMIT_MS = 10_000;
/**
 * SES errors that a retry does not change: the e-mail address or the content is rejected (SES API v2, SendEmail, "Errors"). All other errors
 * are temporary or our fault: limits, a paused account, an unverified sender.
 */
const REFUSED_FOR_GOOD = new Set(["MessageRejected", "BadRequestException"]);

let opening: Promise<{ sdk: typeof import("@aws-sdk/client-sesv2"); client: SESv2Client }> | undefined;

/**
 * Sends a mail through SES if a sender is configured, otherwise writes it to a file in `MAIL_DIR`.
 * @returns `rejected` when the mail will never be accepted
 * @throws when a retry may succeed
 */
export async function deliver(mail: Mail): Promise<"sent" | "rejected"> {
  assertNoConnectionInUse("mail");
  const { MAIL_FROM, MAIL_DIR } = Config.section("mail");
  if (MAIL_FROM !== undefined) return throughSes(MAIL_FROM, mail);
  if (MAIL_DIR === undefined) throw new Config.ConfigError(["MAIL_FROM is not set"]);
  await intoFile(MAIL_DIR, mail);
  return "sent";
}

async function throughSes(from: string, mail: Mail): Promise<"sent" | "rejected"> {
  opening ??= import("@aws-sdk/client-sesv2").then((sdk) => {
    const { AWS_REGION, SES_ENDPOINT } = Config.section("mail");
    const endpoint = SES_ENDPOINT === undefined ? {} : { endpoint: SES_ENDPOINT };
    return { sdk, client: new sdk.SESv2Client({ region: AWS_REGION, maxAttempts: 2, ...endpoint }) };
  });
  const { sdk, client } = await opening;
  const text = (Data: string) => ({ Data, Charset: "UTF-8" });
  try {
    await client.send(
      new sdk.SendEmailCommand({
        FromEmailAddress: from,
        Destination: { ToAddresses: [mail.to] },
        Content: { Simple: { Subject: text(mail.subject), Body: { Text: text(mail.text) } } },
      }),
      { abortSignal: AbortSignal.timeout(SEND_LIMIT_MS) },
    );
    return "sent";
  } catch (error) {
    if (!(error instanceof Error) || !REFUSED_FOR_GOOD.has(error.name)) throw error;
    Log.warn("a mail was rejected and is dropped", { error: error.name });
    return "rejected";
  }
}

async function intoFile(dir: string, mail: Mail): Promise<void> {
  const name = `${Clock.now().toISOString().replaceAll(/[:.]/g, "-")}-${Id.uuid()}.txt`;
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o700);
  await writeFile(join(dir, name), `To: ${mail.to}\nSubject: ${mail.subject}\n\n${mail.text}\n`, { mode: 0o600 });
}

/** Discards the client (tests that change the configuration). */
export function reset(): void {
  opening = undefined;
}
onReset(reset);

export * as MailDelivery from "./deliver.ts";

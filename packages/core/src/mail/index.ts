import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SESv2Client } from "@aws-sdk/client-sesv2";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { assertNoConnectionHeld } from "../db/scope.ts";
import { Id } from "../id.ts";
import { Log } from "../log.ts";

/** SES answers in well under a second; who asked for the mail waits no longer than this. */
const SEND_LIMIT_MS = 3_000;

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

let opening: Promise<{ sdk: typeof import("@aws-sdk/client-sesv2"); client: SESv2Client }> | undefined;

/**
 * Sends a mail: through SES where a sender is configured, else into a file of `MAIL_DIR`. Neither the address nor the text is
 * ever logged.
 * @throws when SES does not take it
 */
export async function send(mail: Mail): Promise<void> {
  assertNoConnectionHeld("mail");
  const { MAIL_FROM, MAIL_DIR } = Config.section("mail");
  if (MAIL_FROM !== undefined) await throughSes(MAIL_FROM, mail);
  else if (MAIL_DIR !== undefined) await intoFile(MAIL_DIR, mail);
  else Log.warn("a mail was not sent: neither MAIL_FROM nor MAIL_DIR is set");
}

async function throughSes(from: string, mail: Mail): Promise<void> {
  opening ??= import("@aws-sdk/client-sesv2").then((sdk) => {
    const { AWS_REGION, SES_ENDPOINT } = Config.section("mail");
    const endpoint = SES_ENDPOINT === undefined ? {} : { endpoint: SES_ENDPOINT };
    return { sdk, client: new sdk.SESv2Client({ region: AWS_REGION, maxAttempts: 2, ...endpoint }) };
  });
  const { sdk, client } = await opening;
  const text = (Data: string) => ({ Data, Charset: "UTF-8" });
  await client.send(
    new sdk.SendEmailCommand({
      FromEmailAddress: from,
      Destination: { ToAddresses: [mail.to] },
      Content: { Simple: { Subject: text(mail.subject), Body: { Text: text(mail.text) } } },
    }),
    { abortSignal: AbortSignal.timeout(SEND_LIMIT_MS) },
  );
  Log.info("mail sent");
}

async function intoFile(dir: string, mail: Mail): Promise<void> {
  const name = `${Clock.now().toISOString().replaceAll(/[:.]/g, "-")}-${Id.uuid()}.txt`;
  await mkdir(dir, { recursive: true });
  await chmod(dir, 0o700);
  await writeFile(join(dir, name), `To: ${mail.to}\nSubject: ${mail.subject}\n\n${mail.text}\n`, { mode: 0o600 });
  Log.info("mail written to a file", { file: name });
}

/** Forgets the client (tests that change the configuration). */
export function reset(): void {
  opening = undefined;
}

export * as Mail from "./index.ts";

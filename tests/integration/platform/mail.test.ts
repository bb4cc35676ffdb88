import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Mail, MailDelivery } from "@gotong/core/platform/mail/index.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { type Outgoing, Queue } from "@gotong/core/platform/queue/index.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { mail } from "@gotong/workers/mail/process.ts";
import { deliverMail, mailsTo } from "../../harness/mail.ts";
import { usePlatform } from "../../harness/platform.ts";
import { drain } from "../../harness/queue.ts";
import { type Ses, startSes } from "../../harness/ses.ts";

const platform = usePlatform({ workers: false });
const dir = mkdtempSync(join(tmpdir(), "gotong-mail-"));
const intoFiles = () => ({ ...platform.variables, MAIL_DIR: dir });
let ses: Ses;
const throughSes = () => ({
  ...platform.variables,
  MAIL_FROM: "help@example.org",
  PASSWORD_RESET_URL: "https://app.example.org/reset",
  SES_ENDPOINT: ses.url,
});

beforeAll(async () => {
  ses = await startSes();
});
afterAll(async () => {
  await ses.stop();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  Config.use(intoFiles());
  ses.answer = "taken";
  ses.received.splice(0);
});
afterEach(async () => {
  MailDelivery.reset();
  await drain("mail");
});

const ask = (email: string) => platform.request("POST", "/v1/auth/password-resets", { body: { email } });
const LETTER = { to: "sari@example.org", subject: "Hello", text: "Token: canary-of-a-token" };
const counted = (line: string) =>
  Metrics.render()
    .split("\n")
    .find((each) => each.startsWith(line)) ?? `${line} 0`;
const numberOf = (line: string) => Number(counted(line).split(" ").at(-1));

/** Runs `work`. @returns its database queries, and the messages that it sent to the mail queue */
async function seen(work: () => Promise<unknown>): Promise<{ queries: string[]; sent: Outgoing[] }> {
  const queries: string[] = [];
  const sent: Outgoing[] = [];
  const real = Queue.get();
  const unwatch = Db.watch((text) => void queries.push(text));
  Queue.use({
    ...real,
    send: async (queue, message) => (queue === "mail" ? void sent.push(message) : real.send(queue, message)),
  });
  try {
    await work();
  } finally {
    unwatch();
    Queue.use(real);
  }
  return { queries, sent };
}

test("a password reset does the same work for a known and an unknown e-mail address, and mails only to an existing account", async () => {
  const member = await platform.person();
  const stranger = `x${member.email.slice(1)}`;
  const known = await seen(() => ask(member.email));
  const unknown = await seen(() => ask(stranger));
  expect(known.queries.length).toBeGreaterThan(3);
  expect(unknown.queries).toEqual(known.queries);
  expect([known.sent.length, unknown.sent.length]).toEqual([1, 1]);
  const bytes = (sent: readonly Outgoing[]) => sent[0]?.body.length ?? 0;
  expect(Math.abs(bytes(known.sent) - bytes(unknown.sent))).toBeLessThan(2 * member.email.length);

  for (const email of [member.email, stranger]) expect((await ask(email)).status).toBe(202);
  await deliverMail();
  expect([mailsTo(dir, member.email).length, mailsTo(dir, stranger).length]).toEqual([1, 0]);
});

test("an e-mail address gets at most three mails an hour; a further request does the same work with and without an account", async () => {
  const member = await platform.person();
  const stranger = `x${member.email.slice(1)}`;
  for (let round = 0; round < 3; round += 1) for (const email of [member.email, stranger]) await ask(email);
  const [known, unknown] = [await seen(() => ask(member.email)), await seen(() => ask(stranger))];
  expect([known.sent, unknown.sent]).toEqual([[], []]);
  expect(unknown.queries).toEqual(known.queries);
  await deliverMail();
  expect(mailsTo(dir, member.email)).toHaveLength(3);
});

test("the response to a password reset does not wait for the mail server", async () => {
  const member = await platform.person();
  Config.use(throughSes());
  expect((await ask(member.email)).status).toBe(202);
  expect(ses.received).toEqual([]);
  await deliverMail();
  expect(ses.received).toHaveLength(1);
  expect(ses.received[0]).toContain(member.email);
  expect(ses.received[0]).toMatch(/https:\/\/app\.example\.org\/reset#token=[\w-]{43}/);
});

test("neither the message on the mail queue nor the log contains the e-mail address or the token", async () => {
  const { sent } = await seen(() => Mail.send(LETTER));
  const body = sent[0]?.body ?? "";
  const decoded = Buffer.from(String(JSON.parse(body).sealed), "base64").toString("latin1");
  for (const text of [body, decoded, platform.logs.join("\n")]) expect(text).not.toMatch(/sari@|canary-of-a-token/);
  expect((await seen(() => Mail.send(LETTER))).sent[0]?.body).not.toBe(body);
});

test("a permanently rejected mail is dropped and counted; after a temporary failure a mail is retried with growing delays", async () => {
  Config.use(throughSes());
  const fateOf = async (receiveCount: number) => {
    await Mail.send(LETTER);
    const [message] = await drain("mail");
    const [fate] = message ? await runBatch(mail, [{ ...message, receiveCount }]) : [];
    return fate?.isDone === true ? "done" : fate?.retryInSeconds;
  };
  const rejected = numberOf('mail_failed_total{reason="rejected"}');
  ses.answer = { status: 400, error: "MessageRejected" };
  expect(await fateOf(1)).toBe("done");
  expect(numberOf('mail_failed_total{reason="rejected"}')).toBe(rejected + 1);
  ses.answer = { status: 429, error: "TooManyRequestsException" };
  expect([await fateOf(1), await fateOf(2), await fateOf(30)]).toEqual([15, 30, 900]);
  ses.answer = { status: 404, error: "NotFoundException" }; // the sender is not verified, which the operators must fix
  expect(await fateOf(1)).toBe(15);
  ses.answer = "taken";
  const sent = numberOf("mail_sent_total");
  expect(await fateOf(3)).toBe("done");
  expect(numberOf("mail_sent_total")).toBe(sent + 1);
});

test("an unprocessable mail message goes to the dead-letter queue", async () => {
  await drain("dead");
  await Queue.get().send("mail", { body: '{"not":"understood"}' });
  await deliverMail();
  const letters = await drain("dead");
  expect(letters.map(({ body }) => JSON.parse(body))).toMatchObject([{ queue: "mail", body: '{"not":"understood"}' }]);
});

test("a mail is sent when its transaction commits, and not if the transaction rolls back", async () => {
  const rolledBack = Db.transaction(async () => {
    await Mail.send({ ...LETTER, to: "rolled-back@example.org" });
    throw new Error("taken back");
  });
  await expect(rolledBack).rejects.toThrow("taken back");
  const asAnother = AsyncLocalStorage.snapshot();
  const during = await Db.transaction(async () => {
    await Mail.send({ ...LETTER, to: "committed@example.org" });
    return asAnother(() => Queue.get().receive("mail", 0));
  });
  expect(during).toEqual([]);
  await deliverMail();
  expect([mailsTo(dir, "rolled-back@example.org").length, mailsTo(dir, "committed@example.org").length]).toEqual([
    0, 1,
  ]);
});

test("a mail encrypted with the previous key is still sent; without a matching key it stays in the queue", async () => {
  const [old, fresh, other] = ["a1b2c3d4e5f6g7h8", "h8g7f6e5d4c3b2a1", "z9y8x7w6v5u4t3s2"].map((half) => half + half);
  Config.use({ ...intoFiles(), MAIL_KEY: old ?? "" });
  await Mail.send({ ...LETTER, to: "rotated@example.org" });
  const messages = await drain("mail");
  Config.use({ ...intoFiles(), MAIL_KEY: other ?? "" });
  expect((await runBatch(mail, messages)).map(({ isDone }) => isDone)).toEqual([false]);
  Config.use({ ...intoFiles(), MAIL_KEY: fresh ?? "", MAIL_KEY_PREVIOUS: old ?? "" });
  expect((await runBatch(mail, messages)).map(({ isDone }) => isDone)).toEqual([true]);
  expect(mailsTo(dir, "rotated@example.org")).toHaveLength(1);
});

test("if the mail queue fails, only the mail is lost, and the loss is counted", async () => {
  const real = Queue.get();
  const before = numberOf('mail_failed_total{reason="not_queued"}');
  Queue.use({ ...real, send: () => Promise.reject(new Error("the queue is away")) });
  try {
    await Mail.send(LETTER);
  } finally {
    Queue.use(real);
  }
  expect(numberOf('mail_failed_total{reason="not_queued"}')).toBe(before + 1);
});

test("without a configured sender no mail is queued, and the log reports the missing setting", async () => {
  Config.use(platform.variables);
  expect((await seen(() => Mail.send(LETTER))).sent).toEqual([]);
  expect(platform.logs.at(-1)).toContain("neither MAIL_FROM nor MAIL_DIR is set");
});

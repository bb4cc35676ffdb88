import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Mail } from "@gotong/core/platform/mail/index.ts";
import { Queue, type WorkQueue, factsOf, visibilityTimeoutSeconds } from "@gotong/core/platform/queue/index.ts";
import { WORK_QUEUES } from "@gotong/core/platform/queue/queues.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { evidence } from "@gotong/workers/evidence/process.ts";
import { mail } from "@gotong/workers/mail/process.ts";
import { drain } from "../../harness/queue.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put } from "../../harness/scenes.ts";

// The platform runs without workers, since each test receives messages itself.
const platform = usePlatform({ workers: false });

/**
 * How often a throttled trigger receives a message in vain: Lambda does not start the function, and the message
 * returns.
 */
const THROTTLED = 40;
const dir = mkdtempSync(join(tmpdir(), "gotong-mail-"));
afterAll(() => rmSync(dir, { recursive: true }));

/**
 * Receives the messages of a queue in vain, as a throttled trigger does.
 * @returns the messages that the function gets once Lambda starts it again
 */
async function afterThrottling(queue: WorkQueue) {
  for (let receives = 0; receives < THROTTLED; receives += 1)
    for (const message of await Queue.get().receive(queue, 0)) await Queue.get().hide(queue, message, 0);
  return drain(queue);
}

test("receives that Lambda throttled do not count as attempts of an examination", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const { bytes, declared } = photograph();
  const path = `/v1/contributions/${contributionId}`;
  const ticket = await member.post(`${path}/uploads`, declared);
  expect([ticket.status, (await put(ticket, bytes)).status]).toEqual([201, 200]);
  await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: new Date().toISOString(), media_hash: declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  const messages = await afterThrottling("evidence");
  expect(messages.map(({ receiveCount }) => receiveCount)).toEqual([THROTTLED + 1]);
  expect(await runBatch(evidence, messages)).toMatchObject([{ isDone: true }]);
  expect((await member.get(`${path}/evidence`)).json["data"]).toMatchObject([{ status: "accepted" }]);
  expect(await drain("dead")).toEqual([]);
});

test("receives that Lambda throttled do not count as attempts to send a mail", async () => {
  Config.use({ ...platform.variables, MAIL_DIR: dir });
  const send = () => Db.transaction(() => Mail.send({ to: "sari@example.org", subject: "Halo", text: "Apa kabar?" }));
  await Actor.run({ type: "system", name: "test" }, Id.uuid(), send);
  const [message, ...others] = await afterThrottling("mail");
  expect([message?.receiveCount, others]).toEqual([THROTTLED + 1, []]);
  if (!message) return;
  // Sending fails: the mail is retried while its token is valid, and is then dead-lettered by its age.
  Config.use({ ...platform.variables, MAIL_DIR: "/dev/null/none" });
  const nowMs = Clock.now().getTime();
  const failAt = (hours: number) => runBatch(mail, [{ ...message, sentAtMs: nowMs - hours * 3_600_000 }]);
  expect(await failAt(6.9)).toMatchObject([{ isDone: false, retryInSeconds: 900 }]);
  expect(await drain("dead")).toEqual([]);
  expect(await failAt(7.1)).toMatchObject([{ isDone: true }]);
  expect((await drain("dead")).map(({ body }) => JSON.parse(body))).toMatchObject([
    { queue: "mail", reason: "the mail was not sent in time" },
  ]);
  Config.use({ ...platform.variables, MAIL_DIR: dir });
  expect(await runBatch(mail, [message])).toMatchObject([{ isDone: true }]);
});

test("every queue keeps a message for at least two days in which Lambda starts no function, before the receive limit applies", () => {
  for (const queue of WORK_QUEUES)
    expect((factsOf(queue).receives * visibilityTimeoutSeconds(queue)) / 3600, queue).toBeGreaterThanOrEqual(48);
});

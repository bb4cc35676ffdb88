import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { run } from "@gotong/ops/command.ts";
import { gpsReading } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";
import { outcomeOf } from "../../harness/queue.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
const MAIN = join(import.meta.dirname, "..", "..", "..", "packages", "ops", "src", "main.ts");

interface Said {
  readonly out: string;
  readonly err: string;
}

/** Runs a command of the operators' command line in this process. */
async function gotong(...args: string[]): Promise<Said> {
  const err: string[] = [];
  const out = await run(args, (line) => void err.push(`${line}\n`));
  return { out, err: err.join("") };
}

/** Runs a command of the operators' command line in a process of its own. */
async function program(...args: string[]): Promise<Said & { readonly code: number | null }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...platform.variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...said })));
}

const statusOf = async (contributionId: string) => {
  const rows = await platform.sql`
    select id, status from webhook_events where subject = ${`contribution:${contributionId}`} order by sequence`;
  return rows.map((row) => ({ id: String(row["id"]), status: String(row["status"]) }));
};
const untilStatus = (contributionId: string, status: string) =>
  until(
    () => statusOf(contributionId),
    (rows) => rows.length > 0 && rows.every((row) => row.status === status),
  );

test("a dead-lettered event is listed and shown with its attempts, redriven once, and delivered with the same body", async () => {
  platform.markov.misbehave({ count: 1, status: 422 });
  const contributionId = await contributionOf(await platform.person());
  const [dead] = await untilStatus(contributionId, "dead");
  const listed = await gotong("dlq", "list", "--event-type", "contribution_created");
  expect(listed.out).toContain(`contribution:${contributionId}  status 422`);
  const failureId =
    listed.out
      .split("\n")
      .find((line) => line.includes(contributionId))
      ?.split("  ")[0] ?? "";
  const shown = await gotong("dlq", "show", failureId);
  expect(JSON.parse(shown.out)).toMatchObject({ id: failureId, event_id: dead?.id, attempts: [{ status: 422 }] });
  expect((await gotong("dlq", "redrive", "--dry-run")).out).toBe("1 would be sent again; nothing was done\n");
  expect((await gotong("dlq", "redrive", "--rate", "100")).out).toBe("1 were sent again\n");
  expect((await gotong("dlq", "redrive")).out).toBe("0 were sent again\n");
  await untilStatus(contributionId, "delivered");
  expect(platform.markov.ledger.about(contributionId).map((event) => event.sequence)).toEqual([1]);
  const audited = await platform.sql`select action from audit_log where target_id = ${failureId}`;
  expect(audited.map((row) => row["action"])).toEqual(["webhook.redrive"]);
});

test("a redrive sends an event only once, even if Markov rejects it again", async () => {
  platform.markov.misbehave({ count: 2, status: 422 });
  const contributionId = await contributionOf(await platform.person());
  await untilStatus(contributionId, "dead");
  // The rate is slow enough for the rejection to be recorded before the command looks for more events.
  expect((await gotong("dlq", "redrive", "--rate", "1")).out).toBe("1 were sent again\n");
  await until(
    async () => (await gotong("dlq", "redrive", "--dry-run")).out,
    (out) => out === "1 would be sent again; nothing was done\n",
  );
  await gotong("dlq", "redrive");
  await untilStatus(contributionId, "delivered");
});

test("dlq list shows an unprocessable message with the dead-lettered events, with its queue and reason", async () => {
  await Queue.get().send("outcomes", { body: '{"neither":"this"}' });
  const listed = await until(
    () => gotong("dlq", "list"),
    ({ out }) => out.includes("(outcomes)"),
  );
  expect(listed.out).toMatch(/\(outcomes\) {4}the message body does not fit its schema/);
  const admin = await platform.person(["admin"]);
  const answer = await admin.get("/v1/admin/webhook-failures");
  expect(answer.json["data"]?.[0]).toMatchObject({ event_id: null, queue: "outcomes" });
});

test("reconciling a subject resends exactly the events that Markov has lost", async () => {
  const [kept, lost] = [await contributionOf(await platform.person()), await contributionOf(await platform.person())];
  await untilStatus(kept, "delivered");
  const [event] = await untilStatus(lost, "delivered");
  platform.markov.ledger.forget(event?.id ?? "");
  const looked = await gotong("reconcile", "--dry-run");
  expect(looked.err).toBe(`${event?.id} is missing at Markov\n`);
  expect(looked.out).toMatch(
    /: 1 missing at Markov \(nothing was sent\), 0 delivered and not recorded, 0 that the outbox does not know/,
  );
  expect((await gotong("reconcile")).out).toMatch(/: 1 missing at Markov, sent again, 0 delivered/);
  await until(
    () => platform.markov.ledger.about(lost).length,
    (count) => count === 1,
  );
  await untilStatus(lost, "delivered");
  expect((await gotong("reconcile")).out).toMatch(/: 0 missing at Markov/);
});

test("gotong reconcile compares every page of subjects with Markov, and stops if Markov cannot list its events", async () => {
  const member = await platform.person();
  const made = await Promise.all(
    Array.from({ length: 55 }, (_, n) =>
      member.post("/v1/contributions", { contribution_type: "mentoring", title: `lesson ${n}` }),
    ),
  );
  expect(made.every(({ status }) => status === 201)).toBe(true);
  for (const { json } of made) await untilStatus(String(json["id"]), "delivered");
  const { out } = await gotong("reconcile");
  expect(Number(/^(\d+) subjects/.exec(out)?.[1])).toBeGreaterThanOrEqual(55);
  Config.use({ ...platform.variables, MARKOV_API_TOKEN: "0123456789".repeat(4) });
  try {
    await expect(gotong("reconcile")).rejects.toThrow("Markov did not return its events: status 401");
  } finally {
    Config.use(platform.variables);
  }
});

test("reconcile counts events past retention neither as missing nor as unknown", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  await member.post(`/v1/contributions/${contributionId}/evidence`, gpsReading({ location: { lat: -7, lon: 110 } }));
  const [first] = await untilStatus(contributionId, "delivered");
  await platform.sql`delete from webhook_events where id = ${first?.id ?? ""}`;
  expect((await gotong("reconcile")).out).toMatch(
    /: 0 missing at Markov, sent again, 0 delivered and not recorded before, 0 that/,
  );
});

test("reconcile records a delivery that Markov has, and resends an event that Markov lacks once no queue can still have it", async () => {
  const [delivered, lost] = [
    await contributionOf(await platform.person()),
    await contributionOf(await platform.person()),
  ];
  const [known] = await untilStatus(delivered, "delivered");
  const [event] = await untilStatus(lost, "delivered");
  const forget = (id: string | undefined, days: number) =>
    platform.sql`update webhook_events set status = 'pending', delivered_at = null,
      published_at = now() - make_interval(days => ${days}) where id = ${id ?? ""}`;
  await forget(known?.id, 0);
  await forget(event?.id, 13);
  platform.markov.ledger.forget(event?.id ?? "");
  const first = await gotong("reconcile");
  expect(first.err).toBe(`${known?.id} was delivered, which is recorded now\n`);
  expect(await statusOf(delivered)).toMatchObject([{ status: "delivered" }]);
  expect(await statusOf(lost)).toMatchObject([{ status: "pending" }]); // the event may still be in a queue
  await forget(event?.id, 15);
  expect((await gotong("reconcile")).err).toBe(`${event?.id} is missing at Markov and is sent again\n`);
  await untilStatus(lost, "delivered");
});

test("`gotong dlq list` marks a pending event dead if its outcome is in the dead-letter queue", async () => {
  const contributionId = await contributionOf(await platform.person());
  const [event] = await untilStatus(contributionId, "delivered");
  await platform.sql`update webhook_events set status = 'pending', delivered_at = null where id = ${event?.id ?? ""}`;
  const outcome = outcomeOf(event?.id ?? "", "dead", 422);
  await Queue.get().send("dead", { body: JSON.stringify(outcome) });
  expect((await gotong("dlq", "list")).out).toContain(contributionId);
  expect(await statusOf(contributionId)).toMatchObject([{ status: "dead" }]);
});

test("the program gotong prints the result and exits with 0", async () => {
  expect(await program("migrate")).toMatchObject({ code: 0, out: "nothing to apply\n" });
  expect(await program("reconcile", "--dry-run")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^\d+ subjects/),
  });
});

test("a dead-lettered delivery marks its event dead once, unless the event was delivered in the meantime", async () => {
  const contributionId = await contributionOf(await platform.person());
  const [delivered] = await untilStatus(contributionId, "delivered");
  const subject = `contribution:${contributionId}`;
  const [event] = await platform.sql`select body, created_at from webhook_events where id = ${delivered?.id ?? ""}`;
  const body = JSON.stringify({
    event_id: delivered?.id,
    subject,
    sequence: 1,
    request_id: randomUUID(),
    created_at: new Date(String(event?.["created_at"])).toISOString(),
    body: event?.["body"],
  });
  const send = () => Queue.get().send("dead_deliveries", { body, fifo: { group: subject, id: randomUUID() } });
  await send();
  await gotong("dlq", "list");
  expect(await statusOf(contributionId)).toEqual([{ id: delivered?.id, status: "delivered" }]);
  await platform.sql`update webhook_events set status = 'pending', delivered_at = null where id = ${delivered?.id ?? ""}`;
  await send();
  await send();
  expect((await gotong("dlq", "list")).out).toContain(subject);
  expect(await statusOf(contributionId)).toEqual([{ id: delivered?.id, status: "dead" }]);
  const failures = await platform.sql`select reason from webhook_failures where event_id = ${delivered?.id ?? ""}`;
  expect(failures.map((row) => row["reason"])).toEqual(["exceeded its receive limit"]);
});

test("invalid options of gotong print one line and exit with a code other than 0", async () => {
  const bad = [
    [["dlq", "redrive", "--rate", "fast"], /--rate must be a whole number/],
    [["dlq", "list", "--event-type", "nonsense"], /must be one of/],
    [["dlq", "show", "nothing"], /UUID/],
    [["dlq", "show", randomUUID()], /Not found/],
    [["users", "grant", "unknown@example.org", "admin"], /there is no account/],
    [["fly"], /unknown command 'fly'[^]*Usage: gotong/, 2],
  ] as const;
  for (const [args, expected, exitCode = 1] of bad) {
    const { code, err } = await program(...args);
    expect([code, err]).toEqual([exitCode, expect.stringMatching(expected)]);
  }
});

import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as v from "valibot";
import { parse } from "@gotong/ops/program.ts";
import { LambdaFake } from "../../harness/lambda-invoke.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
const MAIN = join(import.meta.dirname, "..", "..", "..", "packages", "ops", "src", "main.ts");
const OPS = "gotong-royong-tenant-bandung-ops";
const lambda = new LambdaFake();
let environment: Record<string, string>;
/** Time limit of one step of a long command. */
let stepMs: number;

beforeAll(async () => {
  environment = await lambda.start();
  // The import must follow the settings, since the module checks them when it is loaded, as on Lambda.
  const { answer } = await import("@gotong/ops/lambda.ts");
  lambda.functions.set(OPS, (event) => answer(event, stepMs));
  lambda.functions.set("gotong-royong-tenant-bandung-migrate", async () => ({ applied: ["0000_tables.sql"] }));
  lambda.functions.set("gotong-royong-tenant-solo-ops", async () => {
    throw new Error("Task timed out after 300.00 seconds");
  });
});
afterAll(() => lambda.stop());
beforeEach(() => {
  lambda.invoked.length = 0;
  stepMs = 20_000;
});

/** Runs the command line in its own process, which gets no setting but the name of the stage. */
async function gotong(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  return new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, ...said })),
  );
}
const onBandung = (...args: string[]) => gotong("--stage", "tenant-bandung", ...args);

const auditOf = async (targetId: string) => {
  const rows = await platform.sql`select action, details from audit_log where target_id = ${targetId} order by id`;
  return rows.map((row) => ({ action: String(row["action"]), details: row["details"] }));
};

test("gotong grants the first admin of a stage from outside its network, and audits the command and the changed roles", async () => {
  const member = await platform.person();
  const said = await onBandung("users", "grant", member.email, "admin");
  expect(said).toMatchObject({ code: 0, err: "" });
  expect(said.out).toMatch(/ has the roles contributor, admin\n$/);
  const [row] = await platform.sql`select roles from users where id = ${member.id}`;
  expect(row?.["roles"]).toEqual(["contributor", "admin"]);
  expect(await auditOf("users grant")).toEqual([
    { action: "operator.command", details: { operator: expect.stringMatching(/.@./) } },
  ]);
  expect((await auditOf(member.id)).map(({ action }) => action)).toContain("user.roles");
  expect(JSON.stringify(await auditOf("users grant"))).not.toContain(member.email);
});

test("a long command on a stage runs in steps, prints its progress after each step, and redrives each event once", async () => {
  platform.markov.misbehave({ count: 3, status: 422 });
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push(await contributionOf(await platform.person()));
  const statuses = async () => {
    const rows = await platform.sql`select status from webhook_events where subject in ${platform.sql(
      ids.map((id) => `contribution:${id}`),
    )}`;
    return rows.map((row) => String(row["status"]));
  };
  await until(statuses, (all) => all.length === 3 && all.every((status) => status === "dead"));
  const dry = await onBandung("dlq", "redrive", "--dry-run", "--json");
  expect(JSON.parse(dry.out)).toEqual({ redrivable: 3, redriven: 0 });
  expect(await auditOf("dlq redrive")).toEqual([]);
  lambda.invoked.length = 0;
  stepMs = 0; // no time, so that every step finishes after its first event
  const said = await onBandung("dlq", "redrive", "--rate", "100", "--json");
  expect(said.code).toBe(0);
  expect(JSON.parse(said.out)).toEqual({ redrivable: 3, redriven: 3 });
  expect(said.err).toBe("1 of 3 sent again\n2 of 3 sent again\n3 of 3 sent again\n");
  expect(lambda.invoked).toHaveLength(4);
  expect(await auditOf("dlq redrive")).toHaveLength(1);
  await until(statuses, (all) => all.every((status) => status === "delivered"));
  for (const id of ids) expect(platform.markov.ledger.about(id)).toHaveLength(1);
});

test("gotong reconcile on a stage processes the pages of subjects in steps", async () => {
  const contributionId = await contributionOf(await platform.person());
  await until(
    async () => platform.markov.ledger.about(contributionId).length,
    (received) => received === 1,
  );
  stepMs = 0;
  const said = await onBandung("reconcile", "--dry-run", "--json");
  expect(said.code).toBe(0);
  expect(v.parse(v.object({ subjects: v.number() }), JSON.parse(said.out)).subjects).toBeGreaterThan(0);
});

test("gotong outbox status counts pending events, and writes nothing to the audit log", async () => {
  const said = await onBandung("outbox", "status", "--json");
  expect(JSON.parse(said.out)).toEqual({ pending: 0, dead: 0, examining: 0 });
  expect(await auditOf("outbox status")).toEqual([]);
});

test("a throttled invocation of a command is retried; an invocation whose response was lost is not", async () => {
  lambda.throttles = 2;
  expect((await onBandung("dlq", "list")).code).toBe(0);
  expect(lambda.invoked).toHaveLength(1);
  lambda.invoked.length = 0;
  lambda.lostAnswers = 1;
  expect((await onBandung("users", "invite", "wati@example.org")).code).toBe(1);
  expect(lambda.invoked).toHaveLength(1);
});

test("a command that fails on the stage exits with an error code and prints the reason", async () => {
  const unknown = await onBandung("users", "grant", "unknown@example.org", "admin");
  expect(unknown).toMatchObject({ code: 1, out: "" });
  expect(unknown.err).toContain("there is no account with the e-mail address unknown@example.org");
  const crashed = await gotong("--stage=tenant-solo", "dlq", "list");
  expect(crashed).toMatchObject({ code: 1, out: "" });
  expect(crashed.err).toContain("Task timed out");
  const absent = await gotong("dlq", "list", "--stage", "tenant-nowhere");
  expect(absent.err).toContain("there is no function gotong-royong-tenant-nowhere-ops: is the stage deployed");
  expect(absent.code).toBe(1);
});

test("gotong migrate of a stage invokes the stage's migrate function", async () => {
  expect(await onBandung("migrate")).toMatchObject({ code: 0, out: "applied 0000_tables.sql\n" });
  expect(lambda.invoked).toEqual([{ name: "gotong-royong-tenant-bandung-migrate", event: {} }]);
});

test("an invalid command line exits with 2 and prints the usage, before any function is invoked", async () => {
  const said = await onBandung("users", "grant", "sari@example.org");
  expect(said).toMatchObject({ code: 2, out: "" });
  expect(said.err).toContain("missing required argument 'role'");
  expect(said.err).toContain("Usage: gotong users grant");
  expect(lambda.invoked).toEqual([]);
  const here = await onBandung("prepare");
  expect(here.code).toBe(2);
  expect(here.err).toContain("gotong prepare runs here only");
  for (const [words, reason] of [
    ["users elevate", "unknown command 'elevate'"],
    ["dlq redrive --quickly", "unknown option '--quickly'"],
    ["users grant a b c", "too many arguments"],
    ["users", "Usage: gotong users"],
  ] as const)
    expect(() => parse(words.split(" ")), words).toThrow(reason);
});

test("gotong --help exits with 0 and lists every command", async () => {
  const said = await gotong("--help");
  expect(said).toMatchObject({ code: 0, err: "" });
  for (const word of ["users", "dlq", "reconcile", "migrate", "--stage", "--json"]) expect(said.out).toContain(word);
  const redrive = await gotong("dlq", "redrive", "--help");
  expect(redrive.out).toContain("gotong dlq redrive --dry-run --stage production");
  expect(redrive.code).toBe(0);
});

test("the ops function rejects malformed requests and commands that are not allowed", async () => {
  const { answer } = await import("@gotong/ops/lambda.ts");
  const operator = "test";
  for (const [event, message] of [
    [{}, "Invalid key"],
    [{ words: ["migrate"], operator }, "does not run in a stage's ops function"],
    [{ words: ["prepare"], operator }, "does not run in a stage's ops function"],
    [{ words: ["dlq", "list", "--stage", "production"], operator }, "does not run in a stage's ops function"],
    [{ words: ["dlq", "redrive"], operator, cursor: { sent: "many" } }, "Invalid"],
  ] as const)
    expect(await answer(event, 1000)).toMatchObject({ status: "failed", message: expect.stringContaining(message) });
});

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { toRecord } from "@gotong/local/demo-client.ts";
import { freePort } from "@gotong/local/ports.ts";

const MAIN = join(import.meta.dirname, "..", "..", "..", "packages", "local", "src", "main.ts");
const DEMO = join(import.meta.dirname, "..", "..", "..", "packages", "local", "src", "demo.ts");
const OPS = join(import.meta.dirname, "..", "..", "..", "packages", "ops", "src", "main.ts");
const PICTURE = join(import.meta.dirname, "..", "..", "..", "docs", "demo.svg");
const dir = mkdtempSync(join(tmpdir(), "gotong-dev-"));
const [PORT, MARKOV_PORT, AWS_PORT, POSTGRES_PORT] = [
  await freePort(),
  await freePort(),
  await freePort(),
  await freePort(),
];
const env = {
  ...process.env,
  LOCAL_DIR: dir,
  PORT: String(PORT),
  MARKOV_PORT: String(MARKOV_PORT),
  AWS_PORT: String(AWS_PORT),
  POSTGRES_PORT: String(POSTGRES_PORT),
};
/** Omits the village, the demo data of a whole community, whose events would mix with those of the demo's steps. */
const SMALL = ["--small"];
const started: ChildProcess[] = [];

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

function run(file: string, variables: Record<string, string> = {}, args: string[] = []): Run {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, ...said }))) };
}

async function json(
  url: string,
  init?: RequestInit,
): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
  const response = await fetch(url, init);
  return { status: response.status, body: toRecord(await response.json()) };
}

async function untilReady(stack: Run): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (stack.child.exitCode !== null) throw new Error((await stack.ended).err);
    const status = await fetch(`http://127.0.0.1:${PORT}/ready`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await sleep(100);
  }
  throw new Error("the stack was not ready within 30 s");
}

/** Number and name of each step of the demo, without the random ids in the names. */
const stepsOf = (output: string) =>
  [...output.replaceAll(/<.+?>/g, "").matchAll(/ s +(\d+\. .{52})/g)].map(([, step = ""]) =>
    step.replace(/member-[0-9a-f]{8}/, "member").trimEnd(),
  );

afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

test("the development stack starts, runs the demo, shuts down on SIGTERM and leaves no port open", async () => {
  const stack = run(MAIN, {}, SMALL);
  await untilReady(stack);
  const demo = await run(DEMO).ended;
  expect(demo.err).toBe("");
  expect(demo.code).toBe(0);
  // If this fails, run scripts/demo-picture.ts, which updates the README's picture.
  expect(stepsOf(readFileSync(PICTURE, "utf8"))).toEqual(stepsOf(demo.out));
  expect(stepsOf(demo.out).length).toBeGreaterThan(20);
  // The operators' command line works with the settings file that the stack writes while it runs.
  const settings = join(dir, "stack.env");
  const status = await run(`--env-file=${settings}`, {}, [OPS, "dlq", "list"]).ended;
  expect([status.code, status.err, status.out]).toEqual([0, "", expect.stringContaining("wait")]);
  expect(statSync(settings).mode & 0o077).toBe(0);
  stack.child.kill("SIGTERM");
  const { code, out } = await stack.ended;
  expect([code, out.includes("Stopped."), existsSync(settings)]).toEqual([0, true, false]);
  await expect(fetch(`http://127.0.0.1:${PORT}/live`)).rejects.toThrow();
});

test("after a kill with -9 during the demo, the development stack restarts with its state and delivers committed events in order", async () => {
  const stack = run(MAIN, {}, SMALL);
  await untilReady(stack);
  // Markov fails here, so that no event of the demo can be delivered before the kill.
  await json(`http://127.0.0.1:${MARKOV_PORT}/__double/faults`, {
    method: "POST",
    body: JSON.stringify({ count: 1000, status: 503 }),
  });
  const demo = run(DEMO);
  const log = join(dir, "dev.log");
  for (let tries = 0; tries < 1500 && !readFileSync(log, "utf8").includes('"result":"retrying"'); tries += 1)
    await sleep(20);
  stack.child.kill("SIGKILL");
  await stack.ended;
  expect((await demo.ended).code).not.toBe(0);

  const again = run(MAIN, {}, SMALL);
  await untilReady(again);
  const { default: postgres } = await import("postgres");
  const sql = postgres(`postgres://postgres:postgres@127.0.0.1:${POSTGRES_PORT}/gotong`, { max: 1 });
  let left: readonly unknown[] = [];
  for (let tries = 0; tries < 300; tries += 1) {
    left =
      await sql`select id from webhook_events where status <> 'delivered' union all select id::text from evidence where status = 'examining'`;
    if (left.length === 0) break;
    await sleep(100);
  }
  const [{ n: committed } = { n: 0 }] = await sql<{ n: number }[]>`select count(*)::int as n from webhook_events`;
  await sql.end();
  expect(left).toEqual([]);
  const stats = await json(`http://127.0.0.1:${MARKOV_PORT}/__double/stats`);
  expect(stats.body).toMatchObject({ received: committed, gaps: 0 });
  expect(committed).toBeGreaterThan(4);
  again.child.kill("SIGINT");
  expect((await again.ended).code).toBe(0);
}, 60_000);

test("a failed start of the development stack prints one line with the remedy, and exits with a non-zero code", async () => {
  const complaint = async (variables: Record<string, string>) => {
    const { code, err } = await run(MAIN, variables).ended;
    expect(code).toBe(1);
    expect(err.trim().split("\n")).toHaveLength(1);
    return err.trim();
  };
  const holder = createServer();
  const taken = await new Promise<number>((resolve) => {
    holder.listen(0, "127.0.0.1", () => {
      const address = holder.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  for (const variable of ["PORT", "MARKOV_PORT", "AWS_PORT", "POSTGRES_PORT"]) {
    expect(await complaint({ [variable]: String(taken) })).toBe(
      `Port ${taken} is in use: stop the process that listens there, or set ${variable} to another port.`,
    );
  }
  holder.close();
  expect(await complaint({ PORT: "eighty" })).toBe("PORT must be a port, a whole number from 0 to 65535.");
  expect(await complaint({ JWT_KEY: "short" })).toBe("JWT_KEY must have at least 32 characters");
  const weak = await run(MAIN, { STAGE: "production" }).ended;
  expect([
    weak.code,
    weak.err.match(/^(JWT_KEY|MARKOV_API_TOKEN|GOTONG_ROYONG_WEBHOOK_SECRET) is a well-known/gm),
  ]).toMatchObject([1, { length: 3 }]);
  const nowhere = `127.0.0.1:${await freePort()}`;
  expect(
    await complaint({ DATABASE_URL: `postgres://a:b@${nowhere}/c`, DATABASE_CONNECT_TIMEOUT_SECONDS: "2" }),
  ).toMatch(/^DATABASE_URL points to a service that does not respond/);
  expect(await complaint({ REDIS_URL: `redis://${nowhere}` })).toMatch(
    /^REDIS_URL points to a service that does not respond/,
  );
}, 120_000);

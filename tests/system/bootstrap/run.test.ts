import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../../harness/scenes.ts";

/** Stand-in for npm: records its calls, takes some time, and creates the files that npm creates. */
const NPM = `#!/bin/sh
echo "$@" >> npm-calls
[ -e npm-fails ] && { echo "npm error: no such package" >&2; exit 7; }
sleep 0.3
rm -rf node_modules && mkdir -p node_modules/.bin && ln -s "${process.execPath}" node_modules/.bin/node
cp package-lock.json node_modules/.package-lock.json
`;
const LOCK = { packages: { "": {}, "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } } };
const PROGRAM = `
  import { writeFileSync } from "node:fs";
  const [how, ...rest] = process.argv.slice(2);
  if (how === "exit") process.exit(Number(rest[0]));
  let signals = [];
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => {
    signals.push(name);
    setTimeout(() => { writeFileSync("drained", signals.join()); process.exit(5); }, 300);
  });
  writeFileSync("running", JSON.stringify({ pid: process.pid, rest, path: process.env.PATH.split(":")[0] }));
  setInterval(() => {}, 1000);
`;

let dir = "";
const started: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "gotong-run-"));
  cpSync(join(import.meta.dirname, "..", "..", "..", "scripts"), join(dir, "scripts"), { recursive: true });
  mkdirSync(join(dir, "packages"));
  mkdirSync(join(dir, "bin"));
  write("package.json", "{}");
  write("package-lock.json", JSON.stringify(LOCK));
  write("program.mjs", PROGRAM);
  write("bin/npm", NPM);
  chmodSync(join(dir, "bin", "npm"), 0o755);
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

const write = (file: string, text: string) => writeFileSync(join(dir, file), text);
const read = (file: string) => (existsSync(join(dir, file)) ? readFileSync(join(dir, file), "utf8") : "");
const npmCalls = () => read("npm-calls").split("\n").filter(Boolean).length;

/** Starts `node scripts/bootstrap/run.mjs program.mjs …`; `ended` resolves to its exit code and stderr. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ["scripts/bootstrap/run.mjs", "program.mjs", ...args], {
    cwd: dir,
    env: { PATH: `${join(dir, "bin")}:/usr/bin:/bin`, npm_lifecycle_event: "dev" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  started.push(child);
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  const ended = new Promise<{ code: number | null; said: string }>((resolve, reject) =>
    child.on("exit", (code) => resolve({ code, said })).on("error", reject),
  );
  return { child, ended };
}
const isRunning = () => until(() => read("running"), Boolean);

test("starting a program installs dependencies first, not again at the next start, but again when the lock file changes", async () => {
  expect((await start("exit", "0").ended).said).toContain("Installing");
  expect(await start("exit", "0").ended).toEqual({ code: 0, said: "" });
  expect(npmCalls()).toBe(1);
  const changed = { "": {}, "node_modules/a": { version: "2.0.0", integrity: "sha512-b" } };
  write("package-lock.json", JSON.stringify({ packages: changed }));
  expect((await start("exit", "0").ended).code).toBe(0);
  expect(npmCalls()).toBe(2);
});

test("two concurrent starts install dependencies once and both run; the lock of a killed start is ignored", async () => {
  mkdirSync(join(dir, ".local"));
  const killed = start("exit", "0");
  killed.child.kill("SIGKILL");
  await killed.ended;
  write(".local/setup.lock", String(killed.child.pid));
  const [one, other] = await Promise.all([start("exit", "3").ended, start("exit", "4").ended]);
  expect([one.code, other.code, npmCalls()]).toEqual([3, 4, 1]);
});

test("a manual installation of dependencies is accepted exactly when it matches the lock file", async () => {
  mkdirSync(join(dir, "node_modules"));
  write("node_modules/.package-lock.json", JSON.stringify(LOCK));
  expect([(await start("exit", "0").ended).code, npmCalls()]).toEqual([0, 0]);
  rmSync(join(dir, "node_modules"), { recursive: true });
  mkdirSync(join(dir, "node_modules"));
  write("node_modules/.package-lock.json", JSON.stringify({ packages: {} }));
  expect([(await start("exit", "0").ended).code, npmCalls()]).toEqual([0, 1]);
});

test("when npm fails, its reason is printed, the program does not run, and the next start tries again", async () => {
  write("npm-fails", "");
  const { code, said } = await start("stay").ended;
  expect([code, read("running")]).toEqual([1, ""]);
  expect(said).toMatch(/no such package[^]*could not be installed/);
  rmSync(join(dir, "npm-fails"));
  expect([(await start("exit", "0").ended).code, npmCalls()]).toEqual([0, 2]);
});

test("the bootstrap passes arguments to the program, puts the project's tools first on its PATH, and returns its exit code", async () => {
  const { child, ended } = start("stay", "--fresh", "a b");
  expect(JSON.parse(await isRunning())).toMatchObject({
    rest: ["--fresh", "a b"],
    path: join(dir, "node_modules", ".bin"),
  });
  child.kill("SIGTERM");
  expect((await ended).code).toBe(5);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "the bootstrap forwards %s to the program once, and waits for its shutdown",
  async (signal) => {
    const { child, ended } = start("stay");
    await isRunning();
    child.kill(signal);
    child.kill(signal);
    expect((await ended).code).toBe(5);
    expect(read("drained")).toBe(signal);
  },
);

test("a program shuts down when the process that started it is killed", async () => {
  const { child, ended } = start("stay");
  await isRunning();
  child.kill("SIGKILL");
  await ended;
  expect(await until(() => read("drained"), Boolean)).toBe("SIGTERM");
});

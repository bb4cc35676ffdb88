import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { COMMANDS } from "@gotong/ops/commands.ts";
import { completionFor } from "@gotong/ops/completion.ts";
import { rotate } from "@gotong/ops/keys.ts";
import { type LogGroups, logs } from "@gotong/ops/logs.ts";
import { destructive } from "@gotong/ops/migrations/lint.ts";
import { create } from "@gotong/ops/migrations/migrate.ts";
import type { Outcome, Step } from "@gotong/ops/outcome.ts";
import { parse } from "@gotong/ops/program.ts";
import { type Tenants, list, upgrade } from "@gotong/ops/tenants.ts";

const quiet: Step = { cursor: undefined, progress: () => undefined, isOver: () => false };

test.each([
  ["alter table users drop column bio;", "it drops a column"],
  ["ALTER TABLE users DROP bio", "it drops a column"],
  ["drop table if exists tasks", "it drops a table"],
  ["alter table tasks drop constraint tasks_rule", "it drops a constraint"],
  ["alter table tasks rename column title to name", "it renames"],
  ["alter table tasks rename to works", "it renames"],
  ["alter table tasks alter column title set not null", "it makes a column required"],
  ["alter table tasks alter column size type bigint", "it changes a type"],
  ["alter table tasks alter column size set data type bigint", "it changes a type"],
  ["alter table tasks add column size integer not null", "it adds a required column"],
  ["truncate tasks", "it truncates a table"],
  ["delete from tasks where true", "it deletes rows"],
  ["drop function f()", "it drops a function"],
])("the migration linter reports a destructive statement: %s", (sql, phrase) => {
  expect(destructive(sql).join()).toContain(phrase);
});

test.each([
  "create table a (id uuid primary key not null, name text not null);",
  "alter table tasks add column size integer;",
  "alter table tasks add column size integer not null default 0;",
  "alter table tasks add constraint tasks_rule check (size > 0);",
  "create index concurrently i on tasks (size);",
  "drop index old_idx;",
  "-- drop table tasks\ncomment on table tasks is 'never drop table tasks; truncate'",
  "create function f() returns trigger language plpgsql as $$ begin delete from x; end $$;",
  'create table b (id int); alter table b add column c int not null; alter table "b" rename column c to d;',
])("the migration linter accepts an expanding statement: %s", (sql) => {
  expect(destructive(sql)).toEqual([]);
});

test("all migrations of the project except the first only expand the schema", () => {
  const folder = join(import.meta.dirname, "..", "..", "..", "migrations");
  for (const name of ["0001_audit_append_only.sql"])
    expect(destructive(readFileSync(join(folder, name), "utf8"))).toEqual([]);
});

test("migrate create writes a migration with drizzle-kit, warns when it is destructive, and rejects an invalid name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gotong-migrations-"));
  const programs: string[] = [];
  const shell = {
    run: async (program: readonly string[]) => {
      programs.push(program.join(" "));
      await writeFile(join(folder, "0002_add_badges.sql"), "alter table users drop column bio;");
      return { code: 0, out: "", err: "" };
    },
  };
  const { text } = await create("add_badges", {}, shell, folder);
  expect(programs).toEqual(["npm run --silent generate -- migrations --name add_badges"]);
  expect(text).toBe(
    "made 0002_add_badges.sql\nit is destructive (it drops a column): release it after no code needs it\n",
  );
  await expect(create("Add badges!", {}, shell, folder)).rejects.toThrow("the name must be");
  expect(programs).toHaveLength(1);
});

class Secrets {
  loaded: { readonly text: string; readonly mode: number } | undefined;
  readonly list: string;
  constructor(list: string) {
    this.list = list;
  }
  async run(program: readonly [string, ...string[]]) {
    if (program.includes("list")) return { code: 0, out: this.list, err: "" };
    const file = program[program.indexOf("load") + 1] ?? "";
    this.loaded = { text: readFileSync(file, "utf8"), mode: statSync(file).mode & 0o777 };
    return { code: 0, out: "", err: "" };
  }
}

test("gotong keys rotate stores a new key, and the current key as the previous one, in one call, and prints neither", async () => {
  const secrets = new Secrets("JwtKey=present\nWebhookSecret=w\n");
  const { text, data } = await rotate("jwt", { stage: "production" }, quiet, secrets);
  expect(secrets.loaded?.text).toMatch(/^JwtKey=[0-9a-f]{64}\nJwtKeyPrevious=present\n$/);
  expect(secrets.loaded?.mode).toBe(0o600);
  expect(text).toContain("docs/runbooks/rotate-jwt-key.md");
  expect(text + JSON.stringify(data)).not.toMatch(/present\b.*=|[0-9a-f]{64}/);
});

test("gotong keys rotate does nothing with --dry-run, during an unfinished rotation, and for an unknown key", async () => {
  const dry = new Secrets("JwtKey=present\n");
  expect((await rotate("jwt", { stage: "production", dryRun: true }, quiet, dry)).text).toContain("nothing was done");
  const open = new Secrets("JwtKey=a\nJwtKeyPrevious=b\n");
  await expect(rotate("jwt", { stage: "production" }, quiet, open)).rejects.toThrow("has not ended");
  await expect(rotate("toString", { stage: "production" }, quiet, dry)).rejects.toThrow("gotong keys rotate");
  await expect(rotate("jwt", {}, quiet, dry)).rejects.toThrow("--stage");
  await expect(rotate("webhook", { stage: "x" }, quiet, dry)).rejects.toThrow("has no WebhookSecret");
  for (const one of [dry, open]) expect(one.loaded).toBeUndefined();
});

const line = (timestamp: string, service: string, requestId = "r-1") =>
  JSON.stringify({
    timestamp,
    level: "info",
    service,
    message: "done",
    request_id: requestId,
    stage: "s",
    status: 200,
  });

test("gotong logs finds the lines of a request in a file or in a stage's log groups, in the order of time", async () => {
  const text = [
    line("2026-01-02T00:00:00Z", "outcomes"),
    "not JSON",
    line("2026-01-01T00:00:00Z", "api"),
    line("2026-01-01T00:00:00Z", "api", "r-2"),
  ];
  async function* input() {
    yield* text;
  }
  const { text: shown } = await logs({ requestId: "r-1", file: "-" }, undefined, input());
  expect(shown.split("\n")).toEqual([
    "2026-01-01T00:00:00Z  info   api  done  status=200",
    "2026-01-02T00:00:00Z  info   outcomes  done  status=200",
    "2 lines",
    "",
  ]);
  const asked: unknown[] = [];
  const groups: LogGroups = {
    find: async (...given) => {
      asked.push(given.slice(0, 2));
      return text;
    },
  };
  expect((await logs({ requestId: "r-1", stage: "production" }, groups)).data).toHaveLength(2);
  expect(asked).toEqual([["/aws/lambda/gotong-royong-production-", "r-1"]]);
  await expect(logs({ stage: "production" })).rejects.toThrow("--request-id <id>");
  await expect(logs({ requestId: 'x" || true', stage: "production" }, groups)).rejects.toThrow("other characters");
});

/** Fakes three tenants. A release takes one turn of the event loop. */
class FakeTenants implements Tenants {
  readonly begun: string[] = [];
  readonly options: unknown[] = [];
  failing = "";
  mostAtOnce = 0;
  #running = 0;
  all = async () => ["a", "b", "c", "d"].map((label) => ({ stage: `tenant-${label}`, version: "1.0.0" }));
  release = async (stage: string, options: Readonly<Record<string, unknown>>): Promise<Outcome> => {
    this.begun.push(stage);
    this.options.push(options);
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    await new Promise((resolve) => setImmediate(resolve));
    this.#running -= 1;
    return { text: "smoke: GET /live answered 500\n", data: {}, isAlarming: stage === this.failing };
  };
}

test("tenant upgrade runs the tests and releases to the first tenant, then releases to the others, a few at a time, without tests", async () => {
  const tenants = new FakeTenants();
  const { data } = await upgrade([], { atOnce: "2" }, quiet, tenants);
  expect(data).toEqual({ done: ["tenant-a", "tenant-b", "tenant-c", "tenant-d"], failed: [], waiting: [] });
  expect(tenants.mostAtOnce).toBe(2);
  expect(tenants.options.map((one) => Reflect.get(Object(one), "tested"))).toEqual([false, true, true, true]);
  expect((await list(tenants)).text).toContain("tenant-a  1.0.0\n");
});

test("tenant upgrade stops at the first tenant that fails, and lists the tenants that were not begun", async () => {
  const tenants = new FakeTenants();
  tenants.failing = "tenant-b";
  const { data, text, isAlarming } = await upgrade([], {}, quiet, tenants);
  expect(isAlarming).toBe(true);
  expect(data).toMatchObject({ done: ["tenant-a"], waiting: ["tenant-c", "tenant-d"] });
  expect(text).toContain("tenant-b: smoke: GET /live answered 500");
  expect(tenants.begun).toEqual(["tenant-a", "tenant-b"]);
  await expect(upgrade(["x"], {}, quiet, new FakeTenants())).rejects.toThrow("there is no tenant tenant-x");
  const one = new FakeTenants();
  await upgrade(["c"], { dryRun: true }, quiet, one);
  expect(one.begun).toEqual(["tenant-c"]);
  expect(one.options).toMatchObject([{ dryRun: true }]);
});

test("bash completion offers groups, then verbs, then options; hidden commands are not offered", async () => {
  const script = join(await mkdtemp(join(tmpdir(), "gotong-completion-")), "gotong.bash");
  await writeFile(script, completionFor("bash", COMMANDS));
  const offered = (words: readonly string[]) => {
    const code = `source ${script}; COMP_WORDS=(gotong ${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length}; _gotong; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", code], { encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout.trim().split(" ");
  };
  expect(offered(["us"])).toEqual(["users"]);
  expect(offered(["users", "re"]).toSorted()).toEqual(["reseal-mfa", "reset-mfa", "revoke"]);
  expect(offered(["dlq", "redrive", "--ra"])).toEqual(["--rate"]);
  expect(offered(["release", "--acc"])).toEqual(["--accept-loss"]);
  expect(offered(["releases", ""])).toEqual(["list"]);
  expect(await readFile(script, "utf8")).not.toContain("begin");
  expect(completionFor("fish", COMMANDS)).toContain("-a redrive");
  expect(completionFor("zsh", COMMANDS)).toMatch(/^autoload -U \+X bashcompinit/);
  expect(() => completionFor("tcsh", COMMANDS)).toThrow("bash, zsh or fish");
});

test("every command has a summary, every example parses, and every command with large changes supports --dry-run", () => {
  for (const { name, summary, examples = [] } of COMMANDS) {
    expect(summary, name).not.toBe("");
    for (const example of examples)
      expect(parse(example.replace(/ >.*/, "").split(" ")), example).toHaveProperty("command");
  }
});

import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { appliedMigrations, migrate } from "@gotong/core/platform/db/index.ts";
import { awsFunctions } from "../aws-functions.ts";
import { MIGRATIONS } from "../folders.ts";
import { type Outcome, UsageError, migrated } from "../outcome.ts";
import { journalOf } from "../release/journal.ts";
import { type Shell, realShell } from "../shell.ts";
import { migrationFiles } from "./files.ts";
import { destructive } from "./lint.ts";

const flag = v.optional(v.boolean(), false);
const UpOptions = v.object({ contract: flag, dryRun: flag });
const StatusOptions = v.object({ stage: v.optional(v.string()) });
const CreateOptions = v.object({ custom: flag });

interface Row {
  readonly name: string;
  readonly isApplied: boolean;
  /** Changes that break the former version of the code. */
  readonly breaks: readonly string[];
}

async function rowsOf(applied: readonly string[], folder: string): Promise<Row[]> {
  const files = await migrationFiles(folder);
  // An empty database has no former version of the code.
  const isEmpty = applied.length === 0;
  return [...files].map(([name, sql]) => {
    const isApplied = applied.includes(name);
    return { name, isApplied, breaks: isApplied || isEmpty ? [] : destructive(sql) };
  });
}

/**
 * `gotong migrate up` applies pending migrations, under an advisory lock.
 * @throws Error for a destructive migration without `--contract`; in that case nothing is applied
 */
export async function up(given: unknown, folder = MIGRATIONS): Promise<Outcome> {
  const { contract, dryRun } = v.parse(UpOptions, given);
  const pending = (await rowsOf(await appliedMigrations(), folder)).filter(({ isApplied }) => !isApplied);
  const breaking = pending.filter(({ breaks }) => breaks.length > 0);
  if (breaking.length > 0 && !contract)
    throw new Error(
      `${breaking.map(({ name, breaks }) => `${name} is destructive: ${breaks.join(", ")}`).join("; ")}. Nothing was applied; --contract applies it, once no code needs it`,
    );
  if (dryRun) {
    const names = pending.map(({ name }) => name);
    return { text: `${names.map((name) => `would apply ${name}\n`).join("")}nothing was done\n`, data: { pending: names } };
  }
  return migrated(await migrate(Config.section("database").DATABASE_URL, folder));
}

/** `gotong migrate status` lists the migrations, here or on a stage. */
export async function status(given: unknown, folder = MIGRATIONS): Promise<Outcome> {
  const { stage } = v.parse(StatusOptions, given);
  const applied =
    stage === undefined
      ? await appliedMigrations()
      : await journalOf(stage, await awsFunctions()).appliedMigrations();
  const rows = await rowsOf(applied, folder);
  const unknown = applied.filter((name) => rows.every((row) => row.name !== name));
  const lines = [
    ...rows.map(
      ({ name, isApplied, breaks }) =>
        `${isApplied ? "applied" : "pending"}  ${name}${breaks.length > 0 ? `  (destructive: ${breaks.join(", ")})` : ""}`,
    ),
    ...unknown.map((name) => `unknown  ${name}  (the database has it, this checkout does not)`),
  ];
  return {
    text: `${lines.join("\n")}\n`,
    data: { migrations: rows, unknown },
    isAlarming: unknown.length > 0,
  };
}

const NAME = /^[a-z][a-z0-9_]{1,59}$/;

/** `gotong migrate create <name>` writes a migration. @throws UsageError for an invalid name */
export async function create(name: string, given: unknown, shell: Shell = realShell, folder = MIGRATIONS): Promise<Outcome> {
  if (!NAME.test(name)) throw new UsageError("the name must be 2 to 60 of a-z, 0-9 and _");
  const { custom } = v.parse(CreateOptions, given);
  const before = await migrationFiles(folder);
  const flags = custom ? ["--custom"] : [];
  const program = ["npm", "run", "--silent", "generate", "--", "migrations", "--name", name, ...flags] as const;
  const { code, err } = await shell.run(program);
  if (code !== 0) throw new Error(`drizzle-kit ended with ${code}: ${err.trim()}`);
  const made = [...(await migrationFiles(folder))].filter(([file]) => !before.has(file));
  const breaks = made.flatMap(([, sql]) => destructive(sql));
  const names = made.map(([file]) => file);
  const warning = breaks.length > 0 ? `it is destructive (${breaks.join(", ")}): release it after no code needs it\n` : "";
  return {
    text: names.length > 0 ? `made ${names.join(", ")}\n${warning}` : "no table has changed\n",
    data: { made: names, breaks },
  };
}

/** `gotong migrate applied` lists the applied migrations, for other programs. */
export async function applied(): Promise<Outcome> {
  const names = await appliedMigrations();
  return { text: names.map((name) => `${name}\n`).join(""), data: names };
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Random } from "@gotong/core/platform/random.ts";
import { Buckets } from "@gotong/core/platform/storage/index.ts";
import { MIGRATIONS } from "../folders.ts";
import { type Outcome, type Step, UsageError } from "../outcome.ts";
import { keyPair } from "./age.ts";
import type { Manifest } from "./manifest.ts";
import { restoreBackup } from "./restore.ts";
import { onDatabase } from "./tables.ts";
import { verify } from "./verify.ts";
import { writeBackup } from "./write.ts";

const flag = v.optional(v.boolean(), false);
const BackupOptions = v.object({ recipient: v.optional(v.string()), dryRun: flag });
const RestoreOptions = v.object({
  identity: v.optional(v.string()),
  to: v.optional(v.string()),
  bucket: v.optional(v.string()),
  dryRun: flag,
});

const sizeOf = ({ tables, objects }: Manifest) => ({
  rows: tables.reduce((sum, { rows }) => sum + rows, 0),
  objects: objects.length,
  bytes: [...tables, ...objects].reduce((sum, { bytes }) => sum + bytes, 0),
});
const summary = (manifest: Manifest) => {
  const { rows, objects, bytes } = sizeOf(manifest);
  const missing =
    manifest.missing.length > 0 ? `, ${manifest.missing.length} files that the storage does not have` : "";
  return `${rows} rows of ${manifest.tables.length} tables and ${objects} files, ${(bytes / 1e6).toFixed(1)} MB${missing}`;
};

/**
 * `gotong backup keygen <file>` writes the secret identity to a new file, and prints the recipient, with which
 * backups are encrypted.
 */
export async function keygen(file: string): Promise<Outcome> {
  const { identity, recipient } = await keyPair();
  await writeFile(file, `${identity}\n`, { flag: "wx", mode: 0o600 });
  return {
    text: `${recipient}\n${file} opens what is encrypted for it: keep it away from the backups\n`,
    data: { recipient, file },
  };
}

/** `gotong backup create <folder>` writes a backup. @throws UsageError without a recipient */
export async function create(folder: string, given: unknown, step: Step): Promise<Outcome> {
  const { recipient, dryRun } = v.parse(BackupOptions, given);
  if (recipient === undefined || !recipient.startsWith("age1"))
    throw new UsageError("gotong backup create <folder> --recipient age1…   (gotong backup keygen makes one)");
  const { DATABASE_URL: databaseUrl } = Config.section("database");
  if (dryRun) return { text: `would write ${folder}\nnothing was done\n`, data: { folder } };
  const manifest = await writeBackup({ databaseUrl, folder, recipient, progress: step.progress });
  return {
    text: `${folder}: ${summary(manifest)}, as of ${manifest.created_at}\n`,
    data: { folder, created_at: manifest.created_at, ...sizeOf(manifest), missing: manifest.missing },
  };
}

/** `gotong backup verify <folder>` checks a backup. @throws Error with each broken file */
export async function check(folder: string, given: unknown): Promise<Outcome> {
  const { identity } = v.parse(RestoreOptions, given);
  const manifest = await verify(folder, await identityIn(identity));
  return {
    text: `${folder} is whole: ${summary(manifest)}, as of ${manifest.created_at}\n`,
    data: { folder, created_at: manifest.created_at, ...sizeOf(manifest) },
  };
}

/**
 * `gotong restore <folder>` verifies the backup, then restores it into an empty database and an empty bucket.
 * @throws Error if a file is broken or the target is not empty; in that case nothing was restored
 */
export async function restore(folder: string, given: unknown, step: Step): Promise<Outcome> {
  const options = v.parse(RestoreOptions, given);
  const identity = await identityIn(options.identity);
  if (options.to === undefined || options.bucket === undefined)
    throw new UsageError("gotong restore <folder> --identity <file> --to postgres://… --bucket <name>");
  const started = performance.now();
  const manifest = await verify(folder, identity);
  if (options.dryRun)
    return { text: `would restore ${summary(manifest)}\nnothing was done\n`, data: { ...sizeOf(manifest) } };
  const rpoSeconds = (Clock.now().getTime() - Date.parse(manifest.created_at)) / 1000;
  await restoreBackup({
    manifest,
    folder,
    identity,
    target: { databaseUrl: options.to, bucket: options.bucket },
    migrations: MIGRATIONS,
    progress: step.progress,
  });
  const rtoSeconds = (performance.now() - started) / 1000;
  return {
    text: `restored ${summary(manifest)}\nRPO: what was committed in the last ${duration(rpoSeconds)} is lost\nRTO: the restore took ${duration(rtoSeconds)}\n`,
    data: { ...sizeOf(manifest), rpo_seconds: rpoSeconds, rto_seconds: rtoSeconds },
  };
}

/**
 * `gotong backup drill` backs up this database and bucket, and restores the backup into temporary ones, which it
 * deletes afterwards.
 */
export async function drill(step: Step): Promise<Outcome> {
  const { DATABASE_URL: databaseUrl } = Config.section("database");
  const name = `gotong_drill_${Random.hex(8)}`;
  const bucket = name.replaceAll("_", "-");
  const work = await mkdtemp(join(tmpdir(), "gotong-drill-"));
  const scratch = new URL(databaseUrl);
  scratch.pathname = `/${name}`;
  let manifest: Manifest | undefined;
  try {
    const identity = join(work, "identity");
    const { data } = await keygen(identity);
    const { recipient } = v.parse(v.object({ recipient: v.string() }), data);
    const folder = join(work, "backup");
    const backupStarted = performance.now();
    manifest = await writeBackup({ databaseUrl, folder, recipient, progress: step.progress });
    const backupSeconds = (performance.now() - backupStarted) / 1000;
    await onDatabase(databaseUrl, (sql) => sql`create database ${sql(name)}`);
    const { text, data: restored } = await restore(folder, { identity, to: scratch.href, bucket }, step);
    return {
      text: `the backup took ${duration(backupSeconds)}\n${text}the scratch database and bucket are removed again\n`,
      data: { backup_seconds: backupSeconds, ...v.parse(v.record(v.string(), v.number()), restored) },
    };
  } finally {
    await onDatabase(databaseUrl, (sql) => sql`drop database if exists ${sql(name)} with (force)`);
    const keys = (manifest?.objects ?? []).map(({ key }) => key);
    // The bucket exists only if the restore got that far.
    await Buckets.remove(bucket, keys).catch((error: unknown) =>
      step.progress(`the bucket ${bucket} stays: ${String(error)}`),
    );
    await rm(work, { recursive: true });
  }
}

const duration = (seconds: number) =>
  seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} minutes`;

async function identityIn(file: string | undefined): Promise<string> {
  if (file === undefined) throw new UsageError("--identity <file> names the key that opens the backup");
  const line = (await readFile(file, "utf8")).split("\n").find((one) => one.startsWith("AGE-SECRET-KEY-"));
  if (line === undefined) throw new Error(`${file} has no identity of age`);
  return line.trim();
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import type postgres from "postgres";
import { migrate } from "@gotong/core/platform/db/index.ts";
import { Buckets } from "@gotong/core/platform/storage/index.ts";
import { migrationFiles } from "../migrations/files.ts";
import { decrypted, decryptedWhole, digestOf, digestOfStream } from "./age.ts";
import type { Manifest } from "./manifest.ts";
import { intoTable, onDatabase, rowsOf, tablesOf } from "./tables.ts";

export interface Target {
  readonly databaseUrl: string;
  readonly bucket: string;
}

interface Plan {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly identity: string;
  readonly target: Target;
  readonly migrations: string;
  readonly progress: (line: string) => void;
}

/**
 * Restores a verified backup into an empty database and an empty bucket, and compares the result with the backup's
 * hashes. Later migrations are applied at the end.
 * @throws Error when the target is not empty, a migration is unknown, or the result differs
 */
export async function restoreBackup(plan: Plan): Promise<void> {
  const { manifest, target, migrations, progress } = plan;
  await assertEmpty(target);
  await migrateAsIn(manifest, target.databaseUrl, migrations);
  await onDatabase(target.databaseUrl, async (sql) => {
    await sql.begin((tx) => load(tx, plan));
    await compare(sql, manifest);
  });
  progress("all rows are back, and their hashes are equal");
  const versions = await restoreFiles(plan);
  await onDatabase(target.databaseUrl, (sql) => sql.begin((tx) => nameVersions(tx, versions)));
  progress(`${manifest.objects.length} files are back, and their hashes are equal`);
  await migrate(target.databaseUrl, migrations);
}

async function assertEmpty({ databaseUrl, bucket }: Target): Promise<void> {
  const tables = await onDatabase(databaseUrl, (sql) => tablesOf(sql));
  if (tables.length > 0) throw new Error("the target database is not empty: nothing was restored");
  await Buckets.create(bucket);
  if (!(await Buckets.isEmpty(bucket))) throw new Error(`the bucket ${bucket} is not empty: nothing was restored`);
}

/** Migrates the empty database to the schema that the backup has. */
async function migrateAsIn({ migrations }: Manifest, databaseUrl: string, from: string): Promise<void> {
  const files = await migrationFiles(from);
  const folder = await mkdtemp(join(tmpdir(), "gotong-restore-"));
  try {
    for (const { name, sha256 } of migrations) {
      const text = files.get(name);
      if (text === undefined || digestOf(Buffer.from(text)).sha256 !== sha256)
        throw new Error(`the backup was made with another ${name}: restore it with the version that made it`);
      await writeFile(join(folder, name), text);
    }
    await migrate(databaseUrl, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function load(tx: postgres.TransactionSql, { manifest, folder, identity, progress }: Plan): Promise<void> {
  const order = await tablesOf(tx);
  for (const { name } of order) {
    const table = manifest.tables.find((one) => one.name === name);
    if (!table) continue;
    // Triggers already ran on these rows in the original database.
    await tx`alter table ${tx(name)} disable trigger user`;
    await pipeline(Readable.from(decrypted(join(folder, table.file), identity)), await intoTable(tx, table));
    await tx`alter table ${tx(name)} enable trigger user`;
    progress(`${name}: ${table.rows} rows`);
  }
}

async function compare(sql: postgres.Sql, manifest: Manifest): Promise<void> {
  const tables = await tablesOf(sql);
  for (const { name, rows, sha256 } of manifest.tables) {
    const table = tables.find((one) => one.name === name);
    const digest = table && (await digestOfStream(rowsOf(sql, table)));
    if (digest?.sha256 !== sha256)
      throw new Error(`${name} has ${digest?.lines ?? 0} rows that differ from the ${rows} of the backup`);
  }
}

type Versions = readonly (readonly [evidenceId: string, version: string | undefined])[];

async function restoreFiles({ manifest, folder, identity, target }: Plan): Promise<Versions> {
  const versions: [string, string | undefined][] = [];
  for (const { evidence_id, key, content_type, file, sha256 } of manifest.objects) {
    const bytes = await decryptedWhole(join(folder, file), identity);
    const version = await Buckets.write(target.bucket, key, content_type, bytes);
    const back = digestOf(await Buckets.read(target.bucket, key));
    if (back.sha256 !== sha256) throw new Error(`the object ${key} differs from the backup's`);
    if (evidence_id !== undefined) versions.push([evidence_id, version]);
  }
  return versions;
}

/**
 * Updates the object versions: a bucket gives each restored object a new version, and evidence refers to the version
 * that was examined.
 */
async function nameVersions(tx: postgres.TransactionSql, versions: Versions): Promise<void> {
  for (const [id, version] of versions)
    await tx`update evidence set object_version_id = ${version ?? null}
      where id = ${id} and object_version_id is distinct from ${version ?? null}`;
}

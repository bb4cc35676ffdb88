import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import postgres from "postgres";
import * as v from "valibot";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { digestOf, encryptTo } from "./age.ts";
import { MANIFEST_FILE, type Manifest } from "./manifest.ts";
import { onDatabase, rowsOf, tablesOf } from "./tables.ts";

const Files = v.array(
  v.object({
    id: v.string(),
    object_key: v.string(),
    object_version_id: v.nullable(v.string()),
    content_type: v.string(),
  }),
);
const Migrations = v.array(v.object({ name: v.string(), sha256: v.string() }));
const EVERY = 100;

interface Plan {
  readonly databaseUrl: string;
  readonly folder: string;
  /** The public key that encrypts the backup, in age's notation. */
  readonly recipient: string;
  readonly progress: (line: string) => void;
}

/**
 * Writes all tables from one database snapshot, and the files of evidence to which they refer, encrypted, into a new
 * folder.
 * @throws Error when the folder exists; the files that were written before an error stay in `<folder>.part`
 */
export async function writeBackup({ databaseUrl, folder, recipient, progress }: Plan): Promise<Manifest> {
  const part = `${folder}.part`;
  await mkdir(part, { mode: 0o700 });
  for (const each of ["tables", "objects", "thumbnails"]) await mkdir(join(part, each));
  const { files, ...database } = await onDatabase(databaseUrl, (sql) =>
    sql.begin("isolation level repeatable read read only", (tx) => dump(tx, part, recipient, progress)),
  );
  const stored = await copyFiles(files, part, recipient, progress);
  const manifest: Manifest = { format: 1, ...database, ...stored };
  await encryptTo(join(part, MANIFEST_FILE), recipient, Readable.from([Buffer.from(JSON.stringify(manifest))]));
  await rename(part, folder);
  return manifest;
}

async function dump(tx: postgres.TransactionSql, folder: string, recipient: string, progress: Plan["progress"]) {
  const [moment] = await tx<{ at: Date }[]>`select now() as at`;
  const migrations = v.parse(Migrations, await tx`select name, sha256 from schema_migrations order by name`);
  const tables: Manifest["tables"] = [];
  for (const table of await tablesOf(tx)) {
    const file = `tables/${table.name}.age`;
    const { sha256, bytes, lines } = await encryptTo(join(folder, file), recipient, rowsOf(tx, table));
    tables.push({ name: table.name, columns: [...table.columns], rows: lines, bytes, sha256, file });
    progress(`${table.name}: ${lines} rows`);
  }
  const files = v.parse(
    Files,
    await tx`select e.id::text, u.object_key, e.object_version_id, u.content_type from evidence e
      join uploads u on u.id = e.upload_id where e.erased_at is null order by e.id`,
  );
  return { created_at: (moment?.at ?? new Date()).toISOString(), migrations, tables, files };
}

async function copyFiles(
  files: v.InferOutput<typeof Files>,
  folder: string,
  recipient: string,
  progress: Plan["progress"],
): Promise<Pick<Manifest, "objects" | "missing">> {
  const objects: Manifest["objects"] = [];
  const missing: string[] = [];
  const store = async (file: string, bytes: Uint8Array) => {
    await encryptTo(join(folder, file), recipient, Readable.from([bytes]));
    const { sha256, bytes: size } = digestOf(bytes);
    return { bytes: size, sha256, file };
  };
  for (const [index, { id, object_key: key, object_version_id: version, content_type }] of files.entries()) {
    if (!(await Storage.head(key))) missing.push(key);
    else {
      const bytes = await Storage.read(key, version ?? undefined);
      objects.push({ evidence_id: id, key, content_type, ...(await store(`objects/${id}.age`, bytes)) });
    }
    const thumbnail = Storage.thumbnailKey(id);
    if (await Storage.head(thumbnail)) {
      const bytes = await Storage.read(thumbnail, undefined);
      objects.push({ key: thumbnail, content_type: "image/jpeg", ...(await store(`thumbnails/${id}.age`, bytes)) });
    }
    if ((index + 1) % EVERY === 0) progress(`${index + 1} of ${files.length} files of evidence`);
  }
  return { objects, missing };
}

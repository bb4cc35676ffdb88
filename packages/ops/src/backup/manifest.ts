import * as v from "valibot";

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Below the backup's folder, and nowhere else. */
const file = v.pipe(v.string(), v.regex(/^(tables|objects|thumbnails)\/[\w-]+\.age$/));
/** A name that is put into SQL: our own tables' and columns' alone look like this. */
const name = v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]{0,62}$/));

/** What a backup consists of; it is a file of the backup itself, encrypted like the others. */
export const Manifest = v.strictObject({
  format: v.literal(1),
  /** The moment of the snapshot: everything committed before is in it. RFC 3339. */
  created_at: v.string(),
  migrations: v.array(v.strictObject({ name: v.string(), sha256 })),
  tables: v.array(v.strictObject({ name, columns: v.array(name), rows: count, bytes: count, sha256, file })),
  objects: v.array(
    v.strictObject({
      /** The piece of evidence; undefined for a thumbnail. */
      evidence_id: v.optional(v.pipe(v.string(), v.uuid())),
      key: v.string(),
      content_type: v.string(),
      bytes: count,
      sha256,
      file,
    }),
  ),
  /** Files that the database names and the storage does not have. */
  missing: v.array(v.string()),
});
export type Manifest = v.InferOutput<typeof Manifest>;

export const MANIFEST_FILE = "manifest.age";

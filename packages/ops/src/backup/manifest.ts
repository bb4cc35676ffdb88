import * as v from "valibot";

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Path of a file inside of the backup's folder. The pattern rejects paths outside of it. */
const file = v.pipe(v.string(), v.regex(/^(tables|objects|thumbnails)\/[\w-]+\.age$/));
/** A name that is inserted into SQL. The pattern accepts only names like those of our own tables and columns. */
const name = v.pipe(v.string(), v.regex(/^[a-z_][a-z0-9_]{0,62}$/));

/** The list of a backup's content. It is a file of the backup itself, encrypted like the others. */
export const Manifest = v.strictObject({
  format: v.literal(1),
  /** Time of the database snapshot, RFC 3339: the backup contains everything that was committed before. */
  created_at: v.string(),
  migrations: v.array(v.strictObject({ name: v.string(), sha256 })),
  tables: v.array(v.strictObject({ name, columns: v.array(name), rows: count, bytes: count, sha256, file })),
  objects: v.array(
    v.strictObject({
      /** The id of the piece of evidence; undefined for a thumbnail. */
      evidence_id: v.optional(v.pipe(v.string(), v.uuid())),
      key: v.string(),
      content_type: v.string(),
      bytes: count,
      sha256,
      file,
    }),
  ),
  /** Files to which the database refers and that are missing in the bucket. */
  missing: v.array(v.string()),
});
export type Manifest = v.InferOutput<typeof Manifest>;

export const MANIFEST_FILE = "manifest.age";

import { EVIDENCE_RETENTION_DAYS } from "../bounds.ts";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { bucket, open } from "./client.ts";

export { open, reset } from "./client.ts";
export { presignGet, presignPut, presignThumbnail } from "./presigned.ts";

/** An object of the storage. */
export interface StoredObject {
  readonly sizeBytes: number;
  readonly contentType: string | undefined;
  /** The version of the object; undefined if the storage has no versions. */
  readonly versionId: string | undefined;
}

/** The object under `key`; undefined if there is none. */
export async function head(key: string): Promise<StoredObject | undefined> {
  const { sdk, client } = await open();
  try {
    const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket(), Key: key }));
    const versioned = has("versions");
    return {
      sizeBytes: answer.ContentLength ?? 0,
      contentType: answer.ContentType,
      versionId: versioned ? answer.VersionId : undefined,
    };
  } catch (error) {
    if (error instanceof sdk.NotFound || error instanceof sdk.NoSuchKey) return undefined;
    throw error;
  }
}

/** Reads exactly this version of an object. */
export async function read(key: string, versionId: string | undefined): Promise<Uint8Array> {
  const { sdk, client } = await open();
  const answer = await client.send(
    new sdk.GetObjectCommand({ Bucket: bucket(), Key: key, ...(versionId ? { VersionId: versionId } : {}) }),
  );
  if (!answer.Body) throw new Error("the storage answered without a body");
  return answer.Body.transformToByteArray();
}

/** Stores bytes that the platform itself created, such as a thumbnail. */
export async function write(key: string, contentType: string, bytes: Uint8Array): Promise<void> {
  const { sdk, client } = await open();
  await client.send(new sdk.PutObjectCommand({ Bucket: bucket(), Key: key, ContentType: contentType, Body: bytes }));
}

/**
 * Stores bytes that are never replaced: does not change an existing object. If the storage has locks, not even an administrator can delete the
 * object for seven years (compliance mode).
 */
export async function writeOnce(key: string, contentType: string, bytes: Uint8Array): Promise<void> {
  const { sdk, client } = await open();
  const command = new sdk.PutObjectCommand({
    Bucket: bucket(),
    Key: key,
    ContentType: contentType,
    Body: bytes,
    IfNoneMatch: "*",
    ...(has("lock")
      ? { ChecksumAlgorithm: "SHA256", ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: retainUntil() }
      : {}),
  });
  try {
    await client.send(command);
  } catch (error) {
    if (!(error instanceof sdk.S3ServiceException && error.$metadata.httpStatusCode === 412)) throw error;
  }
}

/**
 * Locks one version against deletion for seven years, if the storage has locks. Uses governance mode: principals with a special permission may
 * still delete the version, which the erasure of an account needs.
 */
export async function lock(key: string, versionId: string | undefined): Promise<void> {
  if (!has("lock") || versionId === undefined) return;
  const { sdk, client } = await open();
  await client.send(
    new sdk.PutObjectRetentionCommand({
      Bucket: bucket(),
      Key: key,
      VersionId: versionId,
      Retention: { Mode: "GOVERNANCE", RetainUntilDate: retainUntil() },
    }),
  );
}

const has = (capability: "versions" | "tags" | "lock") =>
  Config.section("storage").S3_CAPABILITIES.includes(capability);
const retainUntil = () => new Date(Clock.now().getTime() + EVIDENCE_RETENTION_DAYS * 86_400_000);

/** The key of the thumbnail of a piece of evidence. */
export const thumbnailKey = (evidenceId: string): string => `thumbnails/${evidenceId}.jpg`;

/** Upper limit of deleted versions of one object. Only repeated use of a presigned URL can create more than a few. */
const MOST_VERSIONS = 1000;

/**
 * Deletes an object permanently: with versioning, all its versions and delete markers. Fails for a locked version, unless
 * `alsoLocked` is set, which only the erasure of an account may do.
 */
export async function erase(key: string, { alsoLocked = false } = {}): Promise<void> {
  const { sdk, client } = await open();
  if (!has("versions")) {
    await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket(), Key: key }));
    return;
  }
  const bypass = alsoLocked && has("lock") ? { BypassGovernanceRetention: true } : {};
  const listed = await client.send(
    new sdk.ListObjectVersionsCommand({ Bucket: bucket(), Prefix: key, MaxKeys: MOST_VERSIONS }),
  );
  for (const { Key, VersionId } of [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])])
    if (Key === key) await client.send(new sdk.DeleteObjectCommand({ Bucket: bucket(), Key, VersionId, ...bypass }));
}

/**
 * Replaces the tags of one version, if the storage supports tags; otherwise does nothing, since an emulator would treat the call as an
 * overwrite.
 */
export async function tag(
  key: string,
  versionId: string | undefined,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  if (!has("tags")) return;
  const { sdk, client } = await open();
  const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await client.send(
    new sdk.PutObjectTaggingCommand({
      Bucket: bucket(),
      Key: key,
      ...(versionId ? { VersionId: versionId } : {}),
      Tagging: { TagSet },
    }),
  );
}

/** The tags of one version; empty if the storage does not support tags. */
export async function tagsOf(key: string, versionId: string | undefined): Promise<Readonly<Record<string, string>>> {
  if (!has("tags")) return {};
  const { sdk, client } = await open();
  const { TagSet = [] } = await client.send(
    new sdk.GetObjectTaggingCommand({ Bucket: bucket(), Key: key, ...(versionId ? { VersionId: versionId } : {}) }),
  );
  return Object.fromEntries(TagSet.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** Resolves if the bucket answers. */
export async function ping(): Promise<void> {
  const { sdk, client } = await open();
  await client.send(new sdk.HeadBucketCommand({ Bucket: bucket() }));
}

export * as Storage from "./storage.ts";

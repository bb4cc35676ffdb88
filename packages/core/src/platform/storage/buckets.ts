import { Config } from "../config.ts";
import { open } from "./client.ts";

// Functions for backups, which are written to a different bucket than the configured one.

/** Creates a bucket of this account, with versions if the storage supports them. Does not change an existing bucket. */
export async function create(Bucket: string): Promise<void> {
  const { sdk, client } = await open();
  try {
    await client.send(new sdk.CreateBucketCommand({ Bucket }));
  } catch (error) {
    if (!(error instanceof sdk.BucketAlreadyOwnedByYou || error instanceof sdk.BucketAlreadyExists)) throw error;
  }
  if (hasVersions())
    await client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
}

/** Stores an object. @returns its version, if the storage has versions */
export async function write(
  Bucket: string,
  Key: string,
  ContentType: string,
  Body: Uint8Array,
): Promise<string | undefined> {
  const { sdk, client } = await open();
  const answer = await client.send(new sdk.PutObjectCommand({ Bucket, Key, ContentType, Body }));
  return hasVersions() ? answer.VersionId : undefined;
}

/** Reads the newest version of an object. */
export async function read(Bucket: string, Key: string): Promise<Uint8Array> {
  const { sdk, client } = await open();
  const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket, Key }));
  if (!Body) throw new Error("the storage answered without a body");
  return Body.transformToByteArray();
}

/** Whether a bucket contains no object. */
export async function isEmpty(Bucket: string): Promise<boolean> {
  const { sdk, client } = await open();
  const { KeyCount = 0 } = await client.send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
  return KeyCount === 0;
}

/** Deletes a bucket that contains these objects, including all their versions. */
export async function remove(Bucket: string, keys: readonly string[]): Promise<void> {
  const { sdk, client } = await open();
  for (const Key of keys) {
    if (!hasVersions()) await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
    else {
      const { Versions = [] } = await client.send(new sdk.ListObjectVersionsCommand({ Bucket, Prefix: Key }));
      for (const { VersionId } of Versions) await client.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId }));
    }
  }
  await client.send(new sdk.DeleteBucketCommand({ Bucket }));
}

const hasVersions = () => Config.section("storage").S3_CAPABILITIES.includes("versions");

export * as Buckets from "./buckets.ts";

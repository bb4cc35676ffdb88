import { Config } from "../config.ts";
import { open } from "./client.ts";

/**
 * Creates the bucket if it is missing, with versioning if the storage supports it. On AWS the infrastructure creates the bucket.
 */
export async function prepareBucket(): Promise<void> {
  const { sdk, client } = await open();
  const { S3_BUCKET: Bucket, S3_CAPABILITIES } = Config.section("storage");
  try {
    await client.send(new sdk.CreateBucketCommand({ Bucket }));
  } catch (error) {
    if (!(error instanceof sdk.BucketAlreadyOwnedByYou || error instanceof sdk.BucketAlreadyExists)) throw error;
  }
  if (S3_CAPABILITIES.includes("versions"))
    await client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
}

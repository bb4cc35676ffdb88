import { Config } from "../config.ts";
import { open } from "./index.ts";

/** Makes the bucket where there is none, keeping versions where the storage can. On AWS the infrastructure makes it. */
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

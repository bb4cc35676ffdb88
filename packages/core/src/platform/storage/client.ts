import type { S3Client } from "@aws-sdk/client-s3";
import { Config } from "../config.ts";
import { assertNoConnectionInUse } from "../db/scope.ts";
import { onReset } from "../reset.ts";

interface Opened {
  sdk: typeof import("@aws-sdk/client-s3");
  presign: typeof import("@aws-sdk/s3-request-presigner").getSignedUrl;
  client: S3Client;
  /** Signs URLs for clients; the same object as `client`, unless clients reach the storage under another URL. */
  signer: S3Client;
}

let opening: Promise<Opened> | undefined;

/**
 * The client of this process, created at first use. Throws while a database connection is in use, even if the caller
 * only signs a URL: signing may fetch credentials over the network.
 */
export async function open(): Promise<Opened> {
  assertNoConnectionInUse("storage");
  opening ??= (async () => {
    const [sdk, { getSignedUrl }] = await Promise.all([
      import("@aws-sdk/client-s3"),
      import("@aws-sdk/s3-request-presigner"),
    ]);
    const config = Config.section("storage");
    const clientOf = (endpoint: string | undefined) =>
      new sdk.S3Client({
        region: config.AWS_REGION,
        maxAttempts: 3,
        // With the default, every presigned PUT would contain the CRC of an empty body.
        requestChecksumCalculation: "WHEN_REQUIRED",
        responseChecksumValidation: "WHEN_REQUIRED",
        ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
        ...(config.S3_ACCESS_KEY && config.S3_SECRET_KEY
          ? { credentials: { accessKeyId: config.S3_ACCESS_KEY, secretAccessKey: config.S3_SECRET_KEY } }
          : {}),
      });
    const client = clientOf(config.S3_ENDPOINT);
    const signer = config.S3_PUBLIC_ENDPOINT ? clientOf(config.S3_PUBLIC_ENDPOINT) : client;
    return { sdk, presign: getSignedUrl, client, signer };
  })();
  return opening;
}

/** The bucket of evidence. */
export const bucket = () => Config.section("storage").S3_BUCKET;

/** Discards the client (tests that change the configuration). */
export function reset(): void {
  opening = undefined;
}
onReset(reset);

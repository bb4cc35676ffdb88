import { asAttachment } from "./attachment.ts";
import { bucket, open } from "./client.ts";

/** The parameters to which a presigned upload is bound: its URL accepts only these bytes under this key, once. */
export interface UploadBinding {
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** SHA-256 of the bytes, hex. */
  readonly sha256: string;
}

export interface PresignedUpload {
  readonly method: "PUT";
  readonly url: string;
  /** The client must send exactly these headers. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Options of a signature that requires exactly these headers. */
export function boundTo(headers: Readonly<Record<string, string>>, expiresInSeconds: number) {
  const bound = new Set(["host", ...Object.keys(headers)]);
  return { expiresIn: expiresInSeconds, signableHeaders: bound, unhoistableHeaders: bound };
}

/** Creates a URL that accepts exactly the bound bytes, once, for `expiresInSeconds`. */
export async function presignPut(binding: UploadBinding, expiresInSeconds: number): Promise<PresignedUpload> {
  const { sdk, presign, signer } = await open();
  const checksum = Buffer.from(binding.sha256, "hex").toString("base64");
  const command = new sdk.PutObjectCommand({
    Bucket: bucket(),
    Key: binding.key,
    ContentType: binding.contentType,
    ContentLength: binding.sizeBytes,
    ChecksumSHA256: checksum,
    IfNoneMatch: "*",
  });
  const headers = {
    "content-type": binding.contentType,
    "content-length": String(binding.sizeBytes),
    "x-amz-checksum-sha256": checksum,
    "if-none-match": "*",
  };
  return { method: "PUT", url: await presign(signer, command, boundTo(headers, expiresInSeconds)), headers };
}

/** Creates a URL that downloads one version as an attachment named `fileName`, valid for `expiresInSeconds`. */
export async function presignGet(
  key: string,
  versionId: string | undefined,
  fileName: string,
  expiresInSeconds: number,
): Promise<string> {
  const { sdk, presign, signer } = await open();
  const command = new sdk.GetObjectCommand({
    Bucket: bucket(),
    Key: key,
    ...(versionId ? { VersionId: versionId } : {}),
    ResponseContentDisposition: asAttachment(fileName),
  });
  return presign(signer, command, { expiresIn: expiresInSeconds });
}

/**
 * Creates a URL that shows a thumbnail. The signature uses the time `signedAt`, so that every request with the same `signedAt` gets the same
 * URL, and browsers can cache the picture.
 */
export async function presignThumbnail(key: string, signedAt: Date, expiresInSeconds: number): Promise<string> {
  const { sdk, presign, signer } = await open();
  const command = new sdk.GetObjectCommand({
    Bucket: bucket(),
    Key: key,
    ResponseContentType: "image/jpeg",
    ResponseContentDisposition: "inline",
    ResponseCacheControl: `private, max-age=${expiresInSeconds}, immutable`,
  });
  return presign(signer, command, { signingDate: signedAt, expiresIn: expiresInSeconds });
}

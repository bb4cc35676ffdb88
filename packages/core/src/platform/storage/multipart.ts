import type { CompletedPart } from "@aws-sdk/client-s3";
import { bucket, open } from "./client.ts";
import { type PresignedUpload, boundTo } from "./presigned.ts";

/** An open upload in parts: the key of its object, and the storage's id. */
export interface OpenUpload {
  readonly key: string;
  readonly multipartId: string;
}

/** The bytes to which the URL of a part is bound: it accepts only these bytes, as this part. */
export interface PartBinding extends OpenUpload {
  /** Number of the part, starting from 1. */
  readonly partNumber: number;
  readonly sizeBytes: number;
  /** SHA-256 of the part, hex. */
  readonly sha256: string;
}

/** A part that the storage has. */
export interface StoredPart {
  readonly partNumber: number;
  readonly sizeBytes: number;
  readonly completed: CompletedPart;
}

/**
 * Begins an upload in parts. The storage then requires the SHA-256 of each part. An object appears only with
 * {@link complete}.
 * @returns the storage's id of the upload
 */
export async function begin(key: string, contentType: string): Promise<string> {
  const { sdk, client } = await open();
  const { UploadId } = await client.send(
    new sdk.CreateMultipartUploadCommand({
      Bucket: bucket(),
      Key: key,
      ContentType: contentType,
      ChecksumAlgorithm: "SHA256",
    }),
  );
  if (UploadId === undefined) throw new Error("the storage began an upload without an id");
  return UploadId;
}

/** A URL that accepts exactly the bound bytes, for `expiresInSeconds`. A repeated upload replaces the part with the same bytes. */
export async function presignPart(part: PartBinding, expiresInSeconds: number): Promise<PresignedUpload> {
  const { sdk, presign, signer } = await open();
  const checksum = Buffer.from(part.sha256, "hex").toString("base64");
  const command = new sdk.UploadPartCommand({
    Bucket: bucket(),
    Key: part.key,
    UploadId: part.multipartId,
    PartNumber: part.partNumber,
    ContentLength: part.sizeBytes,
    ChecksumSHA256: checksum,
  });
  const headers = { "content-length": String(part.sizeBytes), "x-amz-checksum-sha256": checksum };
  return { method: "PUT", url: await presign(signer, command, boundTo(headers, expiresInSeconds)), headers };
}

/** The parts that the storage has, at most 1,000; undefined if the upload was completed or aborted. */
export async function partsOf({ key, multipartId }: OpenUpload): Promise<StoredPart[] | undefined> {
  const { sdk, client } = await open();
  try {
    const { Parts = [] } = await client.send(
      new sdk.ListPartsCommand({ Bucket: bucket(), Key: key, UploadId: multipartId }),
    );
    return Parts.map(({ PartNumber = 0, Size = 0, ETag, ChecksumSHA256 }) => ({
      partNumber: PartNumber,
      sizeBytes: Size,
      completed: { PartNumber, ETag, ...(ChecksumSHA256 === undefined ? {} : { ChecksumSHA256 }) },
    }));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/**
 * Assembles the object from its parts, in their order. Does nothing if the key already has an object, or if the upload
 * has already ended.
 */
export async function complete({ key, multipartId }: OpenUpload, parts: readonly StoredPart[]): Promise<void> {
  const { sdk, client } = await open();
  const command = new sdk.CompleteMultipartUploadCommand({
    Bucket: bucket(),
    Key: key,
    UploadId: multipartId,
    IfNoneMatch: "*",
    MultipartUpload: { Parts: parts.map(({ completed }) => completed) },
  });
  try {
    await client.send(command);
  } catch (error) {
    if (!isGone(error) && statusOf(error) !== 412) throw error;
  }
}

/** Ends an upload and deletes its parts. Does nothing if the upload has already ended. */
export async function abort({ key, multipartId }: OpenUpload): Promise<void> {
  const { sdk, client } = await open();
  try {
    await client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket(), Key: key, UploadId: multipartId }));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

const isGone = (error: unknown) => error instanceof Error && error.name === "NoSuchUpload";
const statusOf = (error: unknown): unknown =>
  Reflect.get(Object(Reflect.get(Object(error), "$metadata")), "httpStatusCode");

export * as Multipart from "./multipart.ts";

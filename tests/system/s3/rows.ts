import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as S3 from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

/** A storage under test, with its own bucket, with versions if the storage supports them. */
export interface Storage {
  readonly client: S3.S3Client;
  readonly bucket: string;
  readonly endpoint: string;
}

/** A behaviour on which the platform relies; `check` throws if the storage behaves otherwise. */
export interface Row {
  readonly name: string;
  readonly check: (storage: Storage, key: string) => Promise<void>;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64");
const PART_BYTES = 5 * 1024 * 1024; // the minimum size of a part that is not the last
const IN_A_MINUTE = () => new Date(Date.now() + 60_000);

function equal(found: unknown, expected: unknown, what: string): void {
  if (JSON.stringify(found) !== JSON.stringify(expected))
    throw new Error(`${what}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

/** The HTTP status with which a call is rejected; 200 when it succeeds. */
async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return 200;
  } catch (error) {
    if (!(error instanceof S3.S3ServiceException)) throw error;
    return error.$metadata.httpStatusCode ?? 0;
  }
}

const put = (
  { client, bucket: Bucket }: Storage,
  Key: string,
  Body: string,
  more: Partial<S3.PutObjectCommandInput> = {},
) => client.send(new S3.PutObjectCommand({ Bucket, Key, Body, ...more }));
async function textOf(
  { client, bucket: Bucket }: Storage,
  Key: string,
  VersionId?: string,
): Promise<string | undefined> {
  const { Body } = await client.send(new S3.GetObjectCommand({ Bucket, Key, ...(VersionId ? { VersionId } : {}) }));
  return Body?.transformToString();
}

/**
 * Presigns a PUT URL; its signature covers the same headers as that of `Storage.presignPut`.
 * @returns a function that sends bytes to the URL
 */
async function boundUrl({ client, bucket: Bucket }: Storage, Key: string, body: string, expiresIn = 60) {
  const bound = new Set(["host", "content-type", "content-length", "x-amz-checksum-sha256", "if-none-match"]);
  const command = new S3.PutObjectCommand({
    Bucket,
    Key,
    ContentType: "image/jpeg",
    ContentLength: body.length,
    ChecksumSHA256: sha256(body),
    IfNoneMatch: "*",
  });
  const url = await getSignedUrl(client, command, { expiresIn, signableHeaders: bound, unhoistableHeaders: bound });
  const headers = { "content-type": "image/jpeg", "x-amz-checksum-sha256": sha256(body), "if-none-match": "*" };
  return (sent: string, other: Record<string, string> = {}) =>
    fetch(url, { method: "PUT", body: sent, headers: { ...headers, ...other } }).then(({ status }) => status);
}

/** Begins an upload in parts with the same parameters as `Multipart.begin`. */
const begin = ({ client, bucket: Bucket }: Storage, Key: string) =>
  client.send(
    new S3.CreateMultipartUploadCommand({ Bucket, Key, ContentType: "video/mp4", ChecksumAlgorithm: "SHA256" }),
  );

/**
 * Presigns a URL for one part of an upload; its signature covers the same headers as that of `Multipart.presignPart`.
 * @returns a function that sends bytes to the URL; its `place` replaces the URL's `partNumber`
 */
async function partUrl(
  { client, bucket: Bucket }: Storage,
  part: Pick<S3.UploadPartCommandInput, "Key" | "UploadId" | "PartNumber">,
  body: string,
) {
  const bound = new Set(["host", "content-length", "x-amz-checksum-sha256"]);
  const command = new S3.UploadPartCommand({
    Bucket,
    ...part,
    ContentLength: body.length,
    ChecksumSHA256: sha256(body),
  });
  const url = await getSignedUrl(client, command, { expiresIn: 60, signableHeaders: bound, unhoistableHeaders: bound });
  return (sent: string, other: Record<string, string> = {}, place = "") =>
    fetch(place === "" ? url : url.replace(/partNumber=\d+/, place), {
      method: "PUT",
      body: sent,
      headers: { "x-amz-checksum-sha256": sha256(body), ...other },
    }).then(({ status }) => status);
}

const lock = (Mode: "GOVERNANCE" | "COMPLIANCE"): Partial<S3.PutObjectCommandInput> => ({
  ChecksumAlgorithm: "SHA256",
  ObjectLockMode: Mode,
  ObjectLockRetainUntilDate: IN_A_MINUTE(),
});

export const ROWS: readonly Row[] = [
  {
    name: "an object has the bytes and the type that it was stored with",
    check: async (storage, Key) => {
      await put(storage, Key, "bytes", { ContentType: "image/jpeg" });
      const head = await storage.client.send(new S3.HeadObjectCommand({ Bucket: storage.bucket, Key }));
      equal([head.ContentLength, head.ContentType], [5, "image/jpeg"], "its head");
      equal(await textOf(storage, Key), "bytes", "its bytes");
    },
  },
  {
    name: "a request for a missing object gets 404",
    check: async ({ client, bucket: Bucket }, Key) => {
      equal(await statusOf(client.send(new S3.HeadObjectCommand({ Bucket, Key }))), 404, "HEAD");
      equal(await statusOf(client.send(new S3.GetObjectCommand({ Bucket, Key }))), 404, "GET");
    },
  },
  {
    name: "an unsigned request is refused",
    check: async ({ bucket, endpoint, ...storage }, key) => {
      await put({ bucket, endpoint, ...storage }, key, "bytes");
      for (const method of ["GET", "PUT", "DELETE"]) {
        const body = method === "PUT" ? { body: "other" } : {};
        equal((await fetch(`${endpoint}/${bucket}/${key}`, { method, ...body })).status, 403, method);
      }
    },
  },
  {
    name: "bytes with another checksum are refused",
    check: async (storage, key) => {
      equal(await statusOf(put(storage, key, "bytes", { ChecksumSHA256: sha256("other") })), 400, "the status");
    },
  },
  {
    name: "with If-None-Match an object is not replaced",
    check: async (storage, key) => {
      await put(storage, key, "first", { IfNoneMatch: "*" });
      equal(await statusOf(put(storage, key, "second", { IfNoneMatch: "*" })), 412, "the status");
      equal(await textOf(storage, key), "first", "its bytes");
    },
  },
  {
    name: "a presigned PUT accepts only the signed bytes, and accepts them only once",
    check: async (storage, key) => {
      const send = await boundUrl(storage, key, "bytes");
      equal(await send("other"), 400, "other bytes");
      equal(await send("bytes", { "content-type": "text/html" }), 403, "another type");
      equal(await send("more bytes", { "x-amz-checksum-sha256": sha256("more bytes") }), 403, "another checksum");
      equal(await send("bytes"), 200, "its bytes");
      equal(await send("bytes"), 412, "a second time");
    },
  },
  {
    name: "a presigned PUT is refused after its URL has expired",
    check: async (storage, key) => {
      const send = await boundUrl(storage, key, "bytes", 1);
      await sleep(2_500);
      equal(await send("bytes"), 403, "the status");
    },
  },
  {
    name: "the response to a presigned GET has the signed headers",
    check: async (storage, Key) => {
      await put(storage, Key, "bytes");
      const ResponseContentDisposition = 'attachment; filename="a.jpg"';
      const command = new S3.GetObjectCommand({ Bucket: storage.bucket, Key, ResponseContentDisposition });
      const answer = await fetch(await getSignedUrl(storage.client, command, { expiresIn: 60 }));
      equal(answer.headers.get("content-disposition"), ResponseContentDisposition, "the header");
      equal(await answer.text(), "bytes", "the body");
    },
  },
  {
    name: "objects are listed by prefix, page by page",
    check: async (storage, key) => {
      for (const name of ["a", "b", "c"]) await put(storage, `${key}/${name}`, name);
      const page = await storage.client.send(
        new S3.ListObjectsV2Command({ Bucket: storage.bucket, Prefix: `${key}/`, MaxKeys: 2 }),
      );
      equal(
        [page.Contents?.map(({ Key }) => Key), page.IsTruncated],
        [[`${key}/a`, `${key}/b`], true],
        "the first page",
      );
    },
  },
  {
    name: "a multipart upload can be completed or aborted",
    check: async ({ client, bucket: Bucket, ...storage }, Key) => {
      const { UploadId } = await client.send(new S3.CreateMultipartUploadCommand({ Bucket, Key }));
      const parts = ["a".repeat(PART_BYTES), "b"];
      const tags: (string | undefined)[] = [];
      for (const [index, Body] of parts.entries()) {
        const part = new S3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body });
        tags.push((await client.send(part)).ETag);
      }
      const MultipartUpload = { Parts: tags.map((ETag, index) => ({ ETag, PartNumber: index + 1 })) };
      await client.send(new S3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
      equal((await textOf({ client, bucket: Bucket, ...storage }, Key))?.length, PART_BYTES + 1, "its length");
      const other = await client.send(new S3.CreateMultipartUploadCommand({ Bucket, Key: `${Key}-2` }));
      await client.send(new S3.AbortMultipartUploadCommand({ Bucket, Key: `${Key}-2`, UploadId: other.UploadId }));
    },
  },
  {
    name: "the stored parts of an unfinished upload are listed with their checksums, so that it can be resumed",
    check: async (storage, Key) => {
      const { client, bucket: Bucket } = storage;
      const { UploadId } = await begin(storage, Key);
      const send = await partUrl(storage, { Key, UploadId, PartNumber: 2 }, "b");
      equal(await send("b"), 200, "a part");
      const { Parts = [] } = await client.send(new S3.ListPartsCommand({ Bucket, Key, UploadId }));
      equal(
        Parts.map(({ PartNumber, Size, ChecksumSHA256 }) => [PartNumber, Size, ChecksumSHA256]),
        [[2, 1, sha256("b")]],
        "the parts",
      );
      await client.send(new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      equal(await statusOf(client.send(new S3.ListPartsCommand({ Bucket, Key, UploadId }))), 404, "after the end");
      equal(await send("b"), 404, "a part after the end");
      // S3 answers a second end with 204 or 404.
      const again = await statusOf(client.send(new S3.AbortMultipartUploadCommand({ Bucket, Key, UploadId })));
      equal([200, 404].includes(again), true, "a second end");
    },
  },
  {
    name: "a presigned part accepts only the signed bytes, only as the signed part number",
    check: async (storage, Key) => {
      const { UploadId } = await begin(storage, Key);
      const send = await partUrl(storage, { Key, UploadId, PartNumber: 1 }, "bytes");
      equal(await send("other"), 400, "other bytes");
      equal(await send("more bytes"), 403, "another length");
      equal(await send("other", { "x-amz-checksum-sha256": sha256("other") }), 403, "another checksum");
      equal(await send("bytes", {}, "partNumber=2"), 403, "another place");
      equal(await send("bytes"), 200, "its bytes");
      equal(await send("bytes"), 200, "a second time");
    },
  },
  {
    name: "an upload of parts with checksums becomes an object of the declared type, unless the object exists",
    check: async (storage, Key) => {
      const { client, bucket: Bucket } = storage;
      const complete = async (key: string) => {
        const { UploadId } = await begin(storage, key);
        const send = await partUrl(storage, { Key: key, UploadId, PartNumber: 1 }, "bytes");
        equal(await send("bytes"), 200, "a part");
        const { Parts = [] } = await client.send(new S3.ListPartsCommand({ Bucket, Key: key, UploadId }));
        const listed = Parts.map(({ PartNumber, ETag, ChecksumSHA256 }) => ({ PartNumber, ETag, ChecksumSHA256 }));
        const end = { Bucket, Key: key, UploadId, IfNoneMatch: "*", MultipartUpload: { Parts: listed } };
        return () => statusOf(client.send(new S3.CompleteMultipartUploadCommand(end)));
      };
      const [taken, free] = [await complete(Key), await complete(`${Key}-2`)];
      await put(storage, Key, "first");
      equal(await taken(), 412, "over an object");
      equal(await textOf(storage, Key), "first", "its bytes");
      equal(await free(), 200, "under a free key");
      const head = await client.send(new S3.HeadObjectCommand({ Bucket, Key: `${Key}-2` }));
      equal([head.ContentLength, head.ContentType], [5, "video/mp4"], "the new object");
      equal(await textOf(storage, `${Key}-2`), "bytes", "its bytes");
    },
  },
  {
    name: "a replaced object keeps its former version, and a deletion of one version leaves the others",
    check: async (storage, Key) => {
      const [first, second] = [await put(storage, Key, "first"), await put(storage, Key, "second")];
      equal(first.VersionId !== undefined && first.VersionId !== second.VersionId, true, "two versions");
      equal(await textOf(storage, Key, first.VersionId), "first", "the former version");
      const { Versions = [] } = await storage.client.send(
        new S3.ListObjectVersionsCommand({ Bucket: storage.bucket, Prefix: Key }),
      );
      equal(Versions.length, 2, "the listed versions");
      await storage.client.send(
        new S3.DeleteObjectCommand({ Bucket: storage.bucket, Key, VersionId: second.VersionId }),
      );
      equal(await textOf(storage, Key), "first", "after the deletion of the second");
    },
  },
  {
    name: "one version of an object can be tagged",
    check: async (storage, Key) => {
      const { VersionId } = await put(storage, Key, "bytes");
      const at = { Bucket: storage.bucket, Key, ...(VersionId ? { VersionId } : {}) };
      const TagSet = [{ Key: "retention_tier", Value: "evidence-7y" }];
      await storage.client.send(new S3.PutObjectTaggingCommand({ ...at, Tagging: { TagSet } }));
      const found = await storage.client.send(new S3.GetObjectTaggingCommand(at));
      equal(found.TagSet, TagSet, "its tags");
      equal(await textOf(storage, Key), "bytes", "its bytes");
    },
  },
  {
    name: "a version locked in governance mode is deleted only with a bypass",
    check: async (storage, Key) => {
      const { VersionId } = await put(storage, Key, "bytes");
      const at = { Bucket: storage.bucket, Key, VersionId };
      const Retention = { Mode: "GOVERNANCE" as const, RetainUntilDate: IN_A_MINUTE() };
      await storage.client.send(new S3.PutObjectRetentionCommand({ ...at, Retention }));
      equal(await statusOf(storage.client.send(new S3.DeleteObjectCommand(at))), 403, "a deletion");
      await storage.client.send(new S3.DeleteObjectCommand({ ...at, BypassGovernanceRetention: true }));
      equal(await statusOf(textOf(storage, Key, VersionId)), 404, "after the bypass");
    },
  },
  {
    name: "a version stored in compliance mode cannot be deleted, even with a bypass",
    check: async (storage, Key) => {
      const { VersionId } = await put(storage, Key, "bytes", lock("COMPLIANCE"));
      const at = { Bucket: storage.bucket, Key, VersionId, BypassGovernanceRetention: true };
      equal(await statusOf(storage.client.send(new S3.DeleteObjectCommand(at))), 403, "a deletion");
      equal(await textOf(storage, Key, VersionId), "bytes", "its bytes");
    },
  },
];

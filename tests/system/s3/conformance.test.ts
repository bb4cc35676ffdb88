import { randomBytes } from "node:crypto";
import * as S3 from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Aws, CREDENTIALS, startAws } from "@gotong/local/aws.ts";
import { ROWS, type Storage } from "./rows.ts";

/**
 * `S3_CONFORMANCE_ENDPOINT`, `_ACCESS_KEY`, `_SECRET_KEY` and `_REGION` select another storage; without these variables
 * the embedded storage is tested. Each run creates a bucket. In a storage with object locks, this bucket stays.
 */
const { env } = process;
const other = env["S3_CONFORMANCE_ENDPOINT"];
/** Rows that the embedded storage does not support; so `npm run dev` and the tests set `S3_CAPABILITIES=none`. */
const NOT_EMBEDDED: readonly string[] = [
  "a replaced object keeps its former version, and a deletion of one version leaves the others",
  "a version locked in governance mode is deleted only with a bypass",
  "a version stored in compliance mode cannot be deleted, even with a bypass",
];

let aws: Aws | undefined;
let storage: Storage;

beforeAll(async () => {
  if (other === undefined) aws = await startAws({ port: 0 });
  const endpoint = other ?? aws?.endpoint ?? "";
  const client = new S3.S3Client({
    endpoint,
    region: env["S3_CONFORMANCE_REGION"] ?? "us-east-1",
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    credentials: {
      accessKeyId: env["S3_CONFORMANCE_ACCESS_KEY"] ?? CREDENTIALS.accessKey,
      secretAccessKey: env["S3_CONFORMANCE_SECRET_KEY"] ?? CREDENTIALS.secretKey,
    },
  });
  storage = { client, endpoint, bucket: `conformance-${randomBytes(6).toString("hex")}` };
  const lock = other === undefined ? {} : { ObjectLockEnabledForBucket: true };
  await client.send(new S3.CreateBucketCommand({ Bucket: storage.bucket, ...lock }));
}, 60_000);
afterAll(async () => {
  storage.client.destroy();
  await aws?.stop();
});

test.each(ROWS)(
  "on S3 storage, $name",
  async ({ name, check }) => {
    const key = `photos/${randomBytes(6).toString("hex")}`;
    if (other === undefined && NOT_EMBEDDED.includes(name)) await expect(check(storage, key)).rejects.toThrow();
    else await check(storage, key);
  },
  60_000,
);

test("each behaviour that the embedded S3 storage lacks is a row of the conformance suite", () => {
  expect(NOT_EMBEDDED.filter((name) => !ROWS.some((row) => row.name === name))).toEqual([]);
});

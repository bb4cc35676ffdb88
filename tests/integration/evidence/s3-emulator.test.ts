import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { type Aws, BUCKET, CREDENTIALS, startAws } from "@gotong/local/aws.ts";

let aws: Aws;
beforeAll(async () => {
  aws = await startAws({ port: 0 });
});
afterAll(async () => {
  await aws.stop();
  Storage.reset();
  Config.use({});
});

function use(secretKey: string): void {
  Config.use({
    S3_BUCKET: BUCKET,
    S3_ENDPOINT: aws.endpoint,
    S3_CAPABILITIES: "none",
    S3_ACCESS_KEY: CREDENTIALS.accessKey,
    S3_SECRET_KEY: secretKey,
  });
  Storage.reset();
}

const KEYS = ["photos/2026/05/01/a_b.jpg", "thumbnails/a.jpg"];

test("the S3 emulator serves requests that the platform signs", async () => {
  use(CREDENTIALS.secretKey);
  await Storage.ping();
  for (const key of KEYS) {
    await Storage.write(key, "image/jpeg", Buffer.from("bytes"));
    expect(await Storage.head(key)).toMatchObject({ sizeBytes: 5, contentType: "image/jpeg" });
    expect(Buffer.from(await Storage.read(key, undefined)).toString()).toBe("bytes");
    await Storage.erase(key);
    expect(await Storage.head(key)).toBeUndefined();
  }
});

test("the S3 emulator rejects unsigned requests and those signed with another key", async () => {
  use(CREDENTIALS.secretKey);
  await Storage.write("k", "image/jpeg", Buffer.from("bytes"));
  for (const [method, path] of [
    ["GET", "/k"],
    ["HEAD", "/k"],
    ["PUT", "/k"],
    ["DELETE", "/k"],
    ["POST", "?delete"],
    ["GET", "?list-type=2"],
  ] as const) {
    for (const authorization of ["", "AWS4-HMAC-SHA256 Credential=local/20260501/us-east-1/s3/aws4_request"]) {
      const answer = await fetch(`${aws.endpoint}/${BUCKET}${path}`, {
        method,
        ...(authorization ? { headers: { authorization } } : {}),
        ...(method === "PUT" || method === "POST" ? { body: "other" } : {}),
      });
      expect(answer.status, `${method} ${path}`).toBe(403);
    }
  }
  for (const path of ["/", "/another-bucket/k", "/another-bucket?list-type=2"])
    expect((await fetch(`${aws.endpoint}${path}`)).status, path).toBe(403);
  use("another secret");
  await expect(Storage.read("k", undefined)).rejects.toThrow();
  await expect(Storage.write("k", "image/jpeg", Buffer.from("other"))).rejects.toThrow();
  use(CREDENTIALS.secretKey);
  expect(Buffer.from(await Storage.read("k", undefined)).toString()).toBe("bytes");
});

test("the S3 emulator serves requests with the bucket in the host name only if they are signed", async () => {
  use(CREDENTIALS.secretKey);
  await Storage.write("k", "image/jpeg", Buffer.from("bytes"));
  for (const method of ["GET", "POST"]) {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${aws.endpoint}/k`, { method, headers: { host: `${BUCKET}.s3.localhost` } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      sent.on("error", reject).end();
    });
    expect(status, method).toBe(403);
  }
});

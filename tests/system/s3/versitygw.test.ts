import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as S3 from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, test } from "vitest";
import { ROWS, type Storage } from "./rows.ts";

// Whether versitygw, the S3 server of compose.yaml, is installed. It supports versions, tags and locks. Installation:
// `go install github.com/versity/versitygw/cmd/versitygw@v1.8.0`.
const isThere = spawnSync("versitygw", ["--version"]).status === 0;
const credentials = { accessKeyId: "conformance", secretAccessKey: randomBytes(16).toString("hex") };

describe.skipIf(!isThere)("versitygw (skipped where this program is not in PATH)", () => {
  let server: ChildProcess;
  let folder: string;
  let storage: Storage;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "versitygw-"));
    const [objects, versions] = [join(folder, "objects"), join(folder, "versions")];
    for (const each of [objects, versions]) mkdirSync(each);
    const address = `127.0.0.1:${await freePort()}`;
    server = spawn(
      "versitygw",
      ["--port", address, "--health", "/health", "--quiet", "posix", "--versioning-dir", versions, objects],
      {
        env: {
          ROOT_ACCESS_KEY: credentials.accessKeyId,
          ROOT_SECRET_KEY: credentials.secretAccessKey,
          PATH: process.env["PATH"],
        },
        stdio: "ignore",
      },
    );
    const endpoint = `http://${address}`;
    await answers(`${endpoint}/health`);
    const client = new S3.S3Client({
      endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      credentials,
    });
    storage = { client, endpoint, bucket: "conformance" };
    await client.send(new S3.CreateBucketCommand({ Bucket: storage.bucket, ObjectLockEnabledForBucket: true }));
  }, 60_000);
  afterAll(() => {
    storage.client.destroy();
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(ROWS)(
    "S3 conformance of versitygw: $name",
    ({ check }) => check(storage, `photos/${randomBytes(6).toString("hex")}`),
    60_000,
  );
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // Tries again: the server is not listening yet.
    }
    await sleep(100);
  }
  throw new Error("versitygw does not answer");
}

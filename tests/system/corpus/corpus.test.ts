import { createHash } from "node:crypto";
import sharp from "sharp";
import { expect, test } from "vitest";
import { examineFile } from "@gotong/core/domain/evidence/examiner/examine-file.ts";
import type { Declared, FileResult } from "@gotong/core/domain/evidence/examiner/result.ts";
import { OverLimit, runExaminer } from "@gotong/core/domain/evidence/examiner/run.ts";
import { readOriginal } from "@gotong/core/domain/evidence/original.ts";
import { toReadings } from "@gotong/core/domain/evidence/readings.ts";
import { sized } from "../../harness/size.ts";
import { honestFiles } from "./honest.ts";
import { bombs, hostileFiles } from "./hostile.ts";
import { oddFiles } from "./odd.ts";
import { rareFiles } from "./rare.ts";

/**
 * `npm run long -- tests tests/system/corpus` examines every file. `npm test` examines every eighth file, and all
 * bombs.
 */
const EACH = sized(8, 1);
const MOST_CPU_SECONDS = 5;
const MOST_MEGABYTES = 400;

const declare = (bytes: Buffer, contentType: Declared["contentType"], other: Partial<Declared> = {}): Declared => ({
  contentType,
  sizeBytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
  ...other,
});
const inSample = (index: number) => index % EACH === 0;

test(
  "files of honest devices and programs are accepted, and their metadata is read correctly",
  async () => {
    const files = await honestFiles();
    expect(files.length).toBeGreaterThanOrEqual(300);
    for (const [index, { name, contentType, bytes, readings }] of files.entries()) {
      if (!inSample(index)) continue;
      const file = bytes();
      const result = await examineFile(file, declare(file, contentType));
      expect(result, name).toMatchObject({ ok: true });
      if (!result.ok) continue;
      // A verifier who compares the original file with a proof must read the same metadata as the examiner.
      expect(await readOriginal(new Uint8Array(file).buffer), name).toEqual({
        contentType,
        readings: toReadings(result.exif),
      });
      if (!readings) continue;
      const { place, ...others } = readings;
      expect(result.exif, name).toMatchObject(others);
      expect(result.exif.place?.lat ?? 0, name).toBeCloseTo(place?.lat ?? 0, 4);
      expect(result.exif.place?.lon ?? 0, name).toBeCloseTo(place?.lon ?? 0, 4);
    }
  },
  sized(300_000, 3_600_000),
);

/** Examines a file, and asserts that it used no more CPU time than allowed. */
async function examined(file: Buffer, declared: Declared, name: string): Promise<FileResult> {
  const begun = process.cpuUsage();
  const result = await examineFile(file, declared);
  const { user, system } = process.cpuUsage(begun);
  expect((user + system) / 1e6, name).toBeLessThan(MOST_CPU_SECONDS);
  return result;
}

test(
  "hostile files are refused with a reason, or accepted if they are harmless",
  async () => {
    const files = await hostileFiles();
    expect(files.length).toBeGreaterThanOrEqual(400);
    for (const [index, { name, contentType, bytes, declared, mayBeAccepted }] of files.entries()) {
      if (!inSample(index)) continue;
      const file = bytes();
      const result = await examined(file, declare(file, contentType, declared), name);
      if (mayBeAccepted && result.ok) continue;
      expect(result, name).toMatchObject({ ok: false, code: expect.stringMatching(/^[A-Z_]+$/) });
      expect(result.ok ? "" : result.detail, name).toMatch(/\w.{10,}\.$/);
    }
  },
  sized(300_000, 3_600_000),
);

test("rare hostile files, such as polyglots and truncated files, get the expected refusal or are accepted without metadata", async () => {
  const files = await rareFiles();
  expect(files.length).toBeGreaterThanOrEqual(150);
  for (const { name, contentType, bytes, expected } of files) {
    const result = await examined(bytes, declare(bytes, contentType), name);
    if (expected === "any") continue; // either result is correct: only CPU time and memory are limited
    if (expected !== "accepted") expect(result, name).toMatchObject({ ok: false, code: expected });
    else expect(result, name).toMatchObject({ ok: true });
    if (result.ok && contentType.startsWith("image/")) expect(result.exif, name).toEqual({});
  }
}, 300_000);

test("unusual files of honest devices are accepted upright and with their exact metadata, and files that cannot be decoded are refused", async () => {
  const files = await oddFiles();
  expect(files.length).toBeGreaterThanOrEqual(60);
  for (const { name, contentType, bytes, readings, detail = ".", size } of files) {
    const result = await examined(bytes, declare(bytes, contentType), name);
    if (readings === undefined) {
      expect(result, name).toMatchObject({ ok: false, detail: expect.stringContaining(detail) });
      continue;
    }
    expect(result, name).toMatchObject({ ok: true });
    if (!result.ok) continue;
    expect(result.exif, name).toEqual(readings);
    if (!size) continue;
    const { width, height } = await sharp(result.thumbnail).metadata();
    expect([width, height], name).toEqual(size);
  }
}, 300_000);

test(
  "no decompression bomb makes an examiner use more than 5 s of CPU or 400 MB",
  async () => {
    for (const { name, contentType, bytes, mayBeAccepted } of await bombs()) {
      const file = bytes();
      const examination = await runExaminer(file, declare(file, contentType)).catch((error: unknown) => {
        if (error instanceof OverLimit) return undefined; // the examiner was killed at its limit, so the file is refused
        throw error;
      });
      if (!examination) continue;
      const { result, cpuSeconds, peakMegabytes } = examination;
      expect(cpuSeconds, name).toBeLessThan(MOST_CPU_SECONDS);
      expect(peakMegabytes, name).toBeLessThan(MOST_MEGABYTES);
      if (mayBeAccepted !== true) expect(result.ok, name).toBe(false);
    }
  },
  sized(300_000, 3_600_000),
);

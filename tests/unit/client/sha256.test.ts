import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { SLICE_BYTES, sha256OfSlices } from "../../../packages/client/src/sha256-slices.ts";
import { sha256OfFile } from "../../../packages/client/src/wire.ts";

const MB = 1024 * 1024;
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A file that records the length of each buffer that is read from it. */
class Counted extends Blob {
  readonly reads: number[];
  constructor(bytes: Uint8Array<ArrayBuffer> | Blob, reads: number[]) {
    super([bytes]);
    this.reads = reads;
  }
  override slice(start?: number, end?: number): Blob {
    return new Counted(super.slice(start, end), this.reads);
  }
  override arrayBuffer(): Promise<ArrayBuffer> {
    this.reads.push(this.size);
    return super.arrayBuffer();
  }
}

test("the hash of a file read in slices equals its SHA-256, for lengths around the size of a block and of a slice", async () => {
  const lengths = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, SLICE_BYTES - 1, SLICE_BYTES, SLICE_BYTES + 63];
  for (const length of lengths) {
    const bytes = new Uint8Array(randomBytes(length));
    expect(await sha256OfSlices(new Blob([bytes])), `${length} bytes`).toBe(hashOf(bytes));
  }
});

test("a file of 17 MB is hashed with buffers of at most 1 MB, and one of 16 MB as a whole", async () => {
  const bytes = new Uint8Array(17 * MB).fill(7);
  const large = new Counted(bytes, []);
  expect(await sha256OfFile(large)).toBe(hashOf(bytes));
  expect(Math.max(...large.reads)).toBe(MB);
  const small = new Counted(bytes.subarray(MB), []);
  expect(await sha256OfFile(small)).toBe(hashOf(bytes.subarray(MB)));
  expect(small.reads).toEqual([16 * MB]);
});

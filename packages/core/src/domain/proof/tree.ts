import { createHash } from "node:crypto";

/** The hash of one entry of a Merkle tree (RFC 9162 §2.1.1). */
export const leafOf = (entry: Uint8Array): Buffer => createHash("sha256").update(Buffer.of(0)).update(entry).digest();
const nodeOf = (left: Buffer, right: Buffer): Buffer =>
  createHash("sha256").update(Buffer.of(1)).update(left).update(right).digest();

/**
 * The root of a Merkle tree (RFC 9162 §2.1.1).
 * @param leaves from {@link leafOf}
 */
export function rootOf(leaves: readonly Buffer[], from = 0, to = leaves.length): Buffer {
  const [only] = [leaves[from]];
  if (to - from === 1 && only) return only;
  if (to <= from) return createHash("sha256").digest();
  const middle = from + splitOf(to - from);
  return nodeOf(rootOf(leaves, from, middle), rootOf(leaves, middle, to));
}

/** The hashes that lead from a leaf to the root, the lowest level first (RFC 9162 §2.1.3.1). */
export function pathOf(leaves: readonly Buffer[], index: number, from = 0, to = leaves.length): Buffer[] {
  if (to - from <= 1) return [];
  const middle = from + splitOf(to - from);
  return index < middle
    ? [...pathOf(leaves, index, from, middle), rootOf(leaves, middle, to)]
    : [...pathOf(leaves, index, middle, to), rootOf(leaves, from, middle)];
}

/** The largest power of two that is smaller than `size`, which is at least 2. */
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

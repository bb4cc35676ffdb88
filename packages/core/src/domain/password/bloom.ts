import { hash } from "node:crypto";

/** The bit positions of a string in a Bloom filter: double hashing (Kirsch and Mitzenmacher 2006) of its SHA-256. */
export function positionsOf(text: string, bits: number, hashes: number): number[] {
  const digest = hash("sha256", text, "buffer");
  const [first, second] = [digest.readUInt32BE(0), digest.readUInt32BE(4)];
  return Array.from({ length: hashes }, (_, round) => (first + round * second) % bits);
}

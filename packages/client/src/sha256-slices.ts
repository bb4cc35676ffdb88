/**
 * Bytes that are hashed without interruption. A cheap phone needs about 50 ms for them; then the page can react to
 * input again.
 */
export const SLICE_BYTES = 1024 * 1024;
const BLOCK_BYTES = 64;
const ROUNDS = 64;
const LENGTH_BYTES = 8;

/** The first 32 bits of the fractions of the roots of the first primes, which FIPS 180-4 takes as constants. */
function fractionsOf(count: number, root: (prime: number) => number): number[] {
  const primes: number[] = [];
  for (let number = 2; primes.length < count; number += 1)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  return primes.map((prime) => Math.floor((root(prime) % 1) * 2 ** 32) | 0);
}

/**
 * SHA-256 of a file as hex digits, read slice by slice: Web Crypto can only hash a whole buffer, and a video of 100 MB in
 * memory ends the page on a phone with 2 GB (FIPS 180-4 §6.2).
 */
export async function sha256OfSlices(file: Blob): Promise<string> {
  const state = Int32Array.from(fractionsOf(8, Math.sqrt));
  const block = blockHasher(state);
  // Each slice consists of whole blocks; the padding follows the rest of the last one.
  const whole = file.size - (file.size % BLOCK_BYTES);
  for (let start = 0; start < whole; start += SLICE_BYTES)
    block(await bytesOf(file.slice(start, Math.min(start + SLICE_BYTES, whole))));
  const rest = await bytesOf(file.slice(whole));
  const isLong = rest.length + 1 + LENGTH_BYTES > BLOCK_BYTES;
  const end = new Uint8Array(isLong ? 2 * BLOCK_BYTES : BLOCK_BYTES);
  end.set(rest);
  end[rest.length] = 0x80;
  new DataView(end.buffer).setBigUint64(end.length - LENGTH_BYTES, BigInt(file.size) * 8n);
  block(end);
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

const bytesOf = async (slice: Blob) => new Uint8Array(await slice.arrayBuffer());

/** A function that adds whole blocks to a state. */
function blockHasher(state: Int32Array): (bytes: Uint8Array<ArrayBuffer>) => void {
  const constants = Int32Array.from(fractionsOf(ROUNDS, Math.cbrt));
  const words = new Int32Array(ROUNDS);
  const word = (index: number) => words[index] ?? 0;
  const at = (index: number) => state[index] ?? 0;
  const turn = (value: number, bits: number) => (value >>> bits) | (value << (32 - bits));
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
      for (let index = 0; index < 16; index += 1) words[index] = view.getInt32(start + 4 * index);
      for (let index = 16; index < ROUNDS; index += 1) {
        const early = word(index - 15);
        const late = word(index - 2);
        const first = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
        const second = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
        words[index] = (word(index - 16) + first + word(index - 7) + second) | 0;
      }
      let [a, b, c, d] = [at(0), at(1), at(2), at(3)];
      let [e, f, g, h] = [at(4), at(5), at(6), at(7)];
      for (let index = 0; index < ROUNDS; index += 1) {
        const choice = (e & f) ^ (~e & g);
        const more =
          (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (constants[index] ?? 0) + word(index)) | 0;
        const majority = (a & b) ^ (a & c) ^ (b & c);
        const sum = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + more) | 0;
        d = c;
        c = b;
        b = a;
        a = (more + sum) | 0;
      }
      state.set([at(0) + a, at(1) + b, at(2) + c, at(3) + d, at(4) + e, at(5) + f, at(6) + g, at(7) + h]);
    }
  };
}

import sharp from "sharp";
import { expect, test } from "vitest";
import { decode } from "@gotong/core/domain/evidence/examiner/decode.ts";
import {
  ALIKE_BITS,
  type Likeness,
  compareWith,
  searchTokens,
  storedLikeness,
} from "@gotong/core/domain/evidence/picture-likeness.ts";
import { randomOf } from "../../harness/random.ts";
import { sized } from "../../harness/size.ts";
import { CHANGES, painted } from "./pictures.ts";

/** Number of pictures; each is compared with a copy of each kind, and with all others. */
const PICTURES = sized(12, 2_000);
const LEAST_RECALL = 0.95;
const MOST_FALSE_ALARMS = 1 / 10_000;

const likenessOf = async (picture: Buffer) => (await decode(picture, 1, 5e7)).likeness;
const stored = new Map<number, ReturnType<typeof storedLikeness>>();

/** Searches as the database does: first by a shared token, then by the number of different bits. */
function isFound(likeness: Likeness, { pictureTokens, pictureWindows }: ReturnType<typeof storedLikeness>): boolean {
  const tokens = new Set(searchTokens(likeness));
  return pictureTokens.some((token) => tokens.has(token)) && compareWith(likeness)(pictureWindows) <= ALIKE_BITS;
}

test(
  "the copy of a picture is found when it is coded again, mirrored, turned, cropped or framed, and so is its original",
  async () => {
    const missed: Record<string, number> = {};
    for (let seed = 1; seed <= PICTURES; seed += 1) {
      const picture = await painted(seed);
      const original = await likenessOf(picture);
      stored.set(seed, storedLikeness(original));
      for (const [kind, change] of Object.entries(CHANGES)) {
        const copy = await likenessOf(await change(picture, randomOf(seed)).jpeg({ quality: 75 }).toBuffer());
        for (const [name, found] of [
          [kind, isFound(copy, storedLikeness(original))],
          [`original of one ${kind}`, isFound(original, storedLikeness(copy))],
        ] as const)
          missed[name] = (missed[name] ?? 0) + (found ? 0 : 1);
      }
    }
    process.stdout.write(`of ${PICTURES} pairs of each kind not found: ${JSON.stringify(missed)}\n`);
    for (const [name, count] of Object.entries(missed))
      expect(1 - count / PICTURES, name).toBeGreaterThanOrEqual(LEAST_RECALL);
  },
  sized(240_000, 3_600_000),
);

test(
  "different pictures are not reported as near duplicates",
  async () => {
    let [alarms, pairs] = [0, 0];
    for (let seed = 1; seed <= Math.min(PICTURES, 300); seed += 1) {
      const compare = compareWith(await likenessOf(await painted(seed)));
      for (const [other, { pictureWindows }] of stored) {
        if (other === seed) continue;
        pairs += 1;
        if (compare(pictureWindows) <= ALIKE_BITS) alarms += 1;
      }
    }
    process.stdout.write(`${alarms} false alarms in ${pairs} pairs\n`);
    expect(alarms / pairs).toBeLessThanOrEqual(MOST_FALSE_ALARMS);
  },
  sized(240_000, 3_600_000),
);

test("a picture of one colour resembles no other picture, not even itself", async () => {
  const create = { width: 700, height: 500, channels: 3 as const, background: "#123456" };
  const flat = await likenessOf(await sharp({ create }).png().toBuffer());
  expect(storedLikeness(flat)).toMatchObject({
    pictureHash: expect.stringMatching(/^[0-9a-f]{16}$/),
    pictureTokens: [],
  });
  expect(searchTokens(flat)).toEqual([]);
});

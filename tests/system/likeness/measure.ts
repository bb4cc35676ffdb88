import * as v from "valibot";
import { decode } from "@gotong/core/domain/evidence/examiner/decode.ts";
import type { Likeness } from "@gotong/core/domain/evidence/picture-frequencies.ts";
import {
  ALIKE_BITS,
  compareWith,
  searchTokens,
  storedLikeness,
} from "@gotong/core/domain/evidence/picture-likeness.ts";
import { randomOf } from "../../harness/random.ts";
import { CHANGES, painted } from "./pictures.ts";

const LEAST_RECALL = 0.95;
const MOST_FALSE_ALARMS = 1 / 10_000;

/** Counts for some pictures; the counts for other pictures can be added. */
export const Measured = v.object({
  pictures: v.number(),
  /** Number of pairs that were not found, by their kind. There is one pair of each kind for each picture. */
  missed: v.record(v.string(), v.number()),
  /** Number of pairs of different pictures, and how many of them were reported as near-duplicates. */
  pairs: v.number(),
  alarms: v.number(),
});
export type Measured = v.InferOutput<typeof Measured>;
export const NOTHING: Measured = { pictures: 0, missed: {}, pairs: 0, alarms: 0 };

export const likenessOf = async (picture: Buffer): Promise<Likeness> => (await decode(picture, 1, 5e7)).likeness;
type Stored = ReturnType<typeof storedLikeness>;

/** Searches as the database does: first by a shared token, then by the number of different bits. */
function isFound(likeness: Likeness, { pictureTokens, pictureWindows }: Stored): boolean {
  const tokens = new Set(searchTokens(likeness));
  return pictureTokens.some((token) => tokens.has(token)) && compareWith(likeness)(pictureWindows) <= ALIKE_BITS;
}

/**
 * Paints pictures and copies of each, searches each copy by its original and each original by its copy, and compares the pictures with each other.
 * @param first the seed of the first picture
 */
export async function measure(first: number, count: number): Promise<Measured> {
  const missed: Record<string, number> = {};
  const stored: Stored[] = [];
  let [pairs, alarms] = [0, 0];
  for (let seed = first; seed < first + count; seed += 1) {
    const picture = await painted(seed);
    const original = await likenessOf(picture);
    const compare = compareWith(original);
    pairs += stored.length;
    alarms += stored.filter(({ pictureWindows }) => compare(pictureWindows) <= ALIKE_BITS).length;
    stored.push(storedLikeness(original));
    for (const [kind, change] of Object.entries(CHANGES)) {
      const copy = await likenessOf(await change(picture, randomOf(seed)).jpeg({ quality: 75 }).toBuffer());
      for (const [name, found] of [
        [kind, isFound(copy, storedLikeness(original))],
        [`original of one ${kind}`, isFound(original, storedLikeness(copy))],
      ] as const)
        missed[name] = (missed[name] ?? 0) + (found ? 0 : 1);
    }
  }
  return { pictures: count, missed, pairs, alarms };
}

export function add(a: Measured, b: Measured): Measured {
  const kinds = new Set([...Object.keys(a.missed), ...Object.keys(b.missed)]);
  return {
    pictures: a.pictures + b.pictures,
    missed: Object.fromEntries([...kinds].map((kind) => [kind, (a.missed[kind] ?? 0) + (b.missed[kind] ?? 0)])),
    pairs: a.pairs + b.pairs,
    alarms: a.alarms + b.alarms,
  };
}

/** Returns a sentence for each limit that the counts exceed. */
export function brokenLimits({ pictures, missed, pairs, alarms }: Measured): string[] {
  const kinds = Object.entries(missed).filter(([, count]) => !(1 - count / pictures >= LEAST_RECALL));
  return [
    ...kinds.map(([kind, count]) => `${kind}: ${count} of ${pictures} pairs are not found`),
    ...(alarms / pairs <= MOST_FALSE_ALARMS ? [] : [`${alarms} false alarms in ${pairs} pairs`]),
  ];
}

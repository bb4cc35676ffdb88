import sharp from "sharp";
import { expect, test } from "vitest";
import { searchTokens, storedLikeness } from "@gotong/core/domain/evidence/picture-likeness.ts";
import { sized } from "../../harness/size.ts";
import { add, brokenLimits, likenessOf, measure } from "./measure.ts";

/** Number of pictures. `npm run long -- likeness` measures 2,000 in parts. */
const PICTURES = sized(12, 100);

test("copies of a picture (re-encoded, mirrored, turned, cropped, framed) are found in both directions, and other pictures are not", async () => {
  const measured = await measure(1, PICTURES);
  process.stdout.write(`of ${PICTURES} pairs of each kind not found: ${JSON.stringify(measured.missed)}\n`);
  process.stdout.write(`${measured.alarms} false alarms in ${measured.pairs} pairs\n`);
  expect(Object.keys(measured.missed)).toHaveLength(12); // six kinds of changes, in both directions
  expect(measured.pairs).toBe((PICTURES * (PICTURES - 1)) / 2);
  expect(brokenLimits(measured)).toEqual([]);
}, 600_000);

test("add() sums the counts of two likeness measurements, and brokenLimits() names each limit that the sum exceeds", () => {
  const good = { pictures: 100, missed: { turned: 5, framed: 0 }, pairs: 10_000, alarms: 1 };
  expect(brokenLimits(good)).toEqual([]);
  const both = add(good, { pictures: 100, missed: { turned: 6 }, pairs: 10_000, alarms: 2 });
  expect(both).toEqual({ pictures: 200, missed: { turned: 11, framed: 0 }, pairs: 20_000, alarms: 3 });
  expect(brokenLimits(both)).toEqual(["turned: 11 of 200 pairs are not found", "3 false alarms in 20000 pairs"]);
});

test("a picture of one colour resembles no other picture, not even itself", async () => {
  const create = { width: 700, height: 500, channels: 3 as const, background: "#123456" };
  const flat = await likenessOf(await sharp({ create }).png().toBuffer());
  expect(storedLikeness(flat)).toMatchObject({
    pictureHash: expect.stringMatching(/^[0-9a-f]{16}$/),
    pictureTokens: [],
  });
  expect(searchTokens(flat)).toEqual([]);
});

import sharp from "sharp";
import { expect, test } from "vitest";
import { decode } from "./decode.ts";

const hashOf = async (picture: Buffer, limit = 5e7) => (await decode(picture, 1, limit)).pictureHash;

/** A picture of ellipses determined by `seed`. */
function painted(seed: number): Promise<Buffer> {
  const random = (n: number) => {
    const x = Math.sin(seed * 1000 + n) * 10_000;
    return x - Math.floor(x);
  };
  const shapes = Array.from({ length: 40 }, (_, index) => {
    const [x, y, w, h, red, green, blue] = Array.from({ length: 7 }, (_, n) => random(index * 17 + n));
    return `<ellipse cx="${(x ?? 0) * 1000}" cy="${(y ?? 0) * 700}" rx="${(w ?? 0) * 200}" ry="${(h ?? 0) * 150}" fill="rgb(${Math.floor((red ?? 0) * 255)},${Math.floor((green ?? 0) * 255)},${Math.floor((blue ?? 0) * 255)})"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="700"><rect width="1000" height="700" fill="#888"/>${shapes.join("")}</svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
}

function differingBits(a: string, b: string): number {
  return (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll("0", "").length;
}

test("a picture re-encoded, reduced or cropped by 1 % changes at most 7 bits of its hash; other pictures differ in more than 15", async () => {
  const seeds = [1, 2, 3, 4, 5, 6];
  const hashes: string[] = [];
  for (const seed of seeds) {
    const picture = await painted(seed);
    const hash = await hashOf(picture);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    const copies = [
      sharp(picture).jpeg({ quality: 40 }),
      sharp(picture).resize(500).webp({ quality: 60 }),
      sharp(picture).extract({ left: 10, top: 7, width: 980, height: 686 }).png(),
    ];
    for (const copy of copies) expect(differingBits(hash, await hashOf(await copy.toBuffer()))).toBeLessThanOrEqual(7);
    for (const other of hashes) expect(differingBits(hash, other)).toBeGreaterThan(15);
    hashes.push(hash);
  }
});

test("a picture of one colour has a hash, and a picture above the pixel limit is refused", async () => {
  const flat = await sharp({ create: { width: 700, height: 500, channels: 3, background: "#123456" } })
    .png()
    .toBuffer();
  expect(await hashOf(flat)).toMatch(/^[0-9a-f]{16}$/);
  await expect(hashOf(flat, 1000)).rejects.toThrow(/pixel limit/i);
});

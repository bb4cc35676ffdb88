import type { Sharp } from "sharp";

/** The picture is reduced to this many pixels a side, and only the lowest frequencies are used. */
const SIDE = 32;
const WAVES = 8;

/** `cosines[wave][pixel]` of the discrete cosine transform. */
const cosines = Array.from({ length: WAVES }, (_, wave) =>
  Array.from({ length: SIDE }, (_, pixel) => Math.cos(((2 * pixel + 1) * wave * Math.PI) / (2 * SIDE))),
);

/**
 * The perceptual hash of a picture, 64 bits: which of its 64 lowest frequencies are stronger than their median
 * (discrete cosine transform). Measured on nine pictures: re-encoding or reducing flips up to 6 bits, cutting 2 % off
 * the edges up to 4; two different pictures differ in 22 or more.
 * @param upright the picture, or a reduced version of it
 * @returns 16 hex digits
 */
export async function pictureHash(upright: Sharp): Promise<string> {
  const pixels = await upright.clone().removeAlpha().greyscale().resize(SIDE, SIDE, { fit: "fill" }).raw().toBuffer();
  const strengths = cosines.flatMap((vertical) =>
    cosines.map((horizontal) => {
      let sum = 0;
      for (const [y, down] of vertical.entries())
        for (const [x, across] of horizontal.entries()) sum += (pixels[y * SIDE + x] ?? 0) * down * across;
      return sum;
    }),
  );
  // The first one is the average brightness, which does not distinguish pictures.
  const median = strengths.slice(1).toSorted((a, b) => a - b)[31] ?? 0;
  const bits = strengths.map((strength) => (strength > median ? "1" : "0")).join("");
  return BigInt(`0b${bits}`).toString(16).padStart(16, "0");
}

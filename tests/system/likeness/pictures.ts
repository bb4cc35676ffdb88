import sharp, { type Sharp } from "sharp";
import { randomOf } from "../../harness/random.ts";

const [WIDTH, HEIGHT] = [640, 480];

/** Noise at several scales, as in natural scenes, each with its number of points a side and its strength. */
const SCALES = [
  [3, 1],
  [5, 0.7],
  [9, 0.5],
  [17, 0.35],
  [40, 0.2],
] as const;

/** Paints a picture determined by its seed: shapes in front of a natural background. */
export async function painted(seed: number): Promise<Buffer> {
  const random = randomOf(seed);
  const sums = new Float32Array(WIDTH * HEIGHT * 3);
  for (const [points, strength] of SCALES) {
    const noise = Buffer.from(Array.from({ length: points * points * 3 }, () => Math.floor(random() * 256)));
    const smooth = await sharp(noise, { raw: { width: points, height: points, channels: 3 } })
      .resize(WIDTH, HEIGHT, { fit: "fill", kernel: "cubic" })
      .raw()
      .toBuffer();
    for (const [index, value] of smooth.entries()) sums[index] = (sums[index] ?? 0) + (value - 128) * strength;
  }
  const background = Buffer.from(sums.map((value) => Math.max(0, Math.min(255, 128 + value * 0.9))));
  const within = (least: number, most: number) => Math.floor(least + random() * (most - least));
  const shapes = Array.from({ length: 8 }, () => {
    const colour = `rgb(${within(0, 256)},${within(0, 256)},${within(0, 256)})`;
    const [x, y, w, h] = [within(0, WIDTH), within(0, HEIGHT), within(20, 140), within(20, 110)];
    return `<ellipse cx="${x}" cy="${y}" rx="${w}" ry="${h}" fill="${colour}" fill-opacity=".8"/>`;
  });
  return sharp(background, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .composite([{ input: Buffer.from(`<svg width="${WIDTH}" height="${HEIGHT}">${shapes.join("")}</svg>`) }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

const cropped = (picture: Buffer, left: number, top: number, width: number, height: number) =>
  sharp(picture).extract({
    left: Math.floor(left * WIDTH),
    top: Math.floor(top * HEIGHT),
    width: Math.floor(width * WIDTH),
    height: Math.floor(height * HEIGHT),
  });

/** Changes by which a copy of a picture could escape detection. */
export const CHANGES: Readonly<Record<string, (picture: Buffer, random: () => number) => Sharp>> = {
  "coded again": (picture) => sharp(picture).resize(400),
  mirrored: (picture) => sharp(picture).flop(),
  turned: (picture, random) => sharp(picture).rotate([90, 180, 270][Math.floor(random() * 3)]),
  "cropped by 8 %, anywhere": (picture, random) => cropped(picture, random() * 0.08, random() * 0.08, 0.92, 0.92),
  "cropped by 8 % of each edge": (picture) => cropped(picture, 0.08, 0.08, 0.84, 0.84),
  framed: (picture, random) => {
    const edge = Math.floor(10 + random() * 50);
    const background = random() < 0.5 ? "#ffffff" : "#222222";
    return sharp(picture).extend({ top: edge, bottom: edge, left: edge, right: edge, background });
  },
};

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

/** Draws the photo of the demo: members clear a drain at dusk. It is run manually; the result is committed. */
const [width, height] = [1024, 768];
const leaves = Array.from({ length: 260 }, (_, index) => {
  const [x, y] = [(index * 397) % width, 430 + ((index * 211) % 320)];
  return `<ellipse cx="${x}" cy="${y}" rx="${6 + (index % 9)}" ry="3" fill="hsl(${70 + (index % 50)} 45% ${25 + (index % 30)}%)" transform="rotate(${(index * 47) % 180} ${x} ${y})"/>`;
}).join("");
const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
  <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#f2b880"/><stop offset="1" stop-color="#7d8ca3"/></linearGradient></defs>
  <rect width="${width}" height="400" fill="url(#sky)"/><rect y="400" width="${width}" height="368" fill="#6b5b4b"/>
  <path d="M380 768 L480 400 L560 400 L700 768 Z" fill="#33424a"/>${leaves}
  <rect x="120" y="210" width="180" height="190" fill="#a4552f"/><path d="M100 210 L210 130 L320 210 Z" fill="#5e2f1c"/>
  <circle cx="640" cy="330" r="28" fill="#8a5a3c"/><rect x="612" y="356" width="56" height="120" rx="18" fill="#2f5d8a"/></svg>`;

const noise = sharp({
  create: { width, height, channels: 3, background: "#808080", noise: { type: "gaussian", mean: 128, sigma: 18 } },
}).png();
const photo = await sharp(Buffer.from(scene))
  .composite([{ input: await noise.toBuffer(), blend: "overlay" }])
  .withExif({
    IFD0: { Make: "Gotong", Model: "Demo Phone", ImageDescription: "0".repeat(32) },
    IFD2: { DateTimeOriginal: "2026:01:01 00:00:00", OffsetTimeOriginal: "+00:00" },
    IFD3: {
      GPSLatitudeRef: "S",
      GPSLatitude: "6/1 54/1 5292/100",
      GPSLongitudeRef: "E",
      GPSLongitude: "107/1 36/1 3528/100",
    },
  })
  .jpeg({ quality: 72 })
  .toBuffer();
writeFileSync(join(import.meta.dirname, "..", "assets", "demo-photo.jpg"), photo);
process.stdout.write(`${photo.length} bytes\n`);

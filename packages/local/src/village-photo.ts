import sharp from "sharp";

const [WIDTH, HEIGHT] = [960, 720];

/** Formats degrees as EXIF rationals: degrees, minutes, hundredths of seconds. */
function rational(degrees: number): string {
  const value = Math.abs(degrees);
  const minutes = (value % 1) * 60;
  return `${Math.trunc(value)}/1 ${Math.trunc(minutes)}/1 ${Math.round((minutes % 1) * 6000)}/100`;
}

/** Draws a picture of the village, with the time and place of a camera. Each index gives a different picture. */
export async function villagePhoto(
  index: number,
  takenAt: Date,
  { lat, lon }: { lat: number; lon: number },
): Promise<Buffer> {
  const time = takenAt.toISOString().slice(0, 19).replaceAll("-", ":").replace("T", " ");
  const noise = sharp({
    create: {
      width: WIDTH,
      height: HEIGHT,
      channels: 3,
      background: "#808080",
      noise: { type: "gaussian", mean: 128, sigma: 22 },
    },
  }).png();
  return sharp(Buffer.from(scene(index)))
    .composite([{ input: await noise.toBuffer(), blend: "overlay" }])
    .withExif({
      IFD0: { Make: "Gotong", Model: "Demo Phone" },
      IFD2: { DateTimeOriginal: time, OffsetTimeOriginal: "+00:00" },
      IFD3: {
        GPSLatitudeRef: lat < 0 ? "S" : "N",
        GPSLatitude: rational(lat),
        GPSLongitudeRef: lon < 0 ? "W" : "E",
        GPSLongitude: rational(lon),
      },
    })
    .jpeg({ quality: 72 })
    .toBuffer();
}

/** Draws hills, houses, trees and people. Their positions depend only on the index. */
function scene(index: number): string {
  const at = (step: number, span: number) => (index * 7919 + step * 104_729) % span;
  const sky = 20 + at(1, 40);
  const horizon = 250 + at(2, 160);
  const houses = Array.from({ length: 1 + at(3, 4) }, (_, house) => {
    const [x, size] = [at(house + 4, WIDTH - 200), 90 + at(house + 9, 130)];
    const y = horizon + at(house + 13, 120);
    return `<rect x="${x}" y="${y - size}" width="${size * 1.3}" height="${size}" fill="hsl(${at(house, 60)} 45% 58%)"/>
      <path d="M${x - 20} ${y - size} L${x + size * 0.65} ${y - size * 1.6} L${x + size * 1.3 + 20} ${y - size} Z" fill="hsl(12 50% ${25 + at(house, 20)}%)"/>`;
  });
  const trees = Array.from({ length: 3 + at(20, 7) }, (_, tree) => {
    const [x, height] = [at(tree + 21, WIDTH), 80 + at(tree + 31, 160)];
    const y = horizon + at(tree + 41, 240);
    return `<rect x="${x}" y="${y - height}" width="14" height="${height}" fill="#5a4330"/>
      <ellipse cx="${x + 7}" cy="${y - height}" rx="${46 + at(tree, 30)}" ry="${52 + at(tree, 24)}" fill="hsl(${90 + at(tree, 50)} 40% ${26 + at(tree, 16)}%)"/>`;
  });
  const people = Array.from({ length: 2 + at(50, 5) }, (_, person) => {
    const [x, y] = [60 + at(person + 51, WIDTH - 120), horizon + 130 + at(person + 61, 180)];
    return `<ellipse cx="${x}" cy="${y - 74}" rx="17" ry="19" fill="#8a5a3c"/>
      <rect x="${x - 22}" y="${y - 56}" width="44" height="86" rx="16" fill="hsl(${at(person + 71, 360)} 55% 45%)"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
    <rect width="${WIDTH}" height="${HEIGHT}" fill="hsl(${195 + sky} 50% 78%)"/>
    <path d="M0 ${horizon} Q${WIDTH * 0.3} ${horizon - 160 - at(80, 90)} ${WIDTH * 0.6} ${horizon} T${WIDTH} ${horizon - 40} V${HEIGHT} H0 Z" fill="hsl(${100 + at(81, 50)} 32% 42%)"/>
    <rect y="${horizon + 20}" width="${WIDTH}" height="${HEIGHT}" fill="hsl(${30 + at(82, 60)} 30% 48%)"/>
    ${houses.join("")}${trees.join("")}${people.join("")}</svg>`;
}

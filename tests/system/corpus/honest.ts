import sharp from "sharp";
import type { Declared, Exif } from "@gotong/core/domain/evidence/examiner/result.ts";
import { box, fragmentedMp4, heic, mp4, packedPdf, pdf } from "../../harness/files.ts";
import * as Hostile from "../../harness/hostile-files.ts";
import { heicOfTiles, heicSequence, quickTime } from "../../harness/phone-files.ts";
import { type Camera, type Shot, exifOf } from "./exif.ts";

export interface Honest {
  readonly name: string;
  readonly contentType: Declared["contentType"];
  readonly bytes: () => Buffer;
  /** The metadata that must be read; undefined where any result is correct. */
  readonly readings: Partial<Exif> | undefined;
}

const CAMERAS: readonly Camera[] = [
  { make: "Acme", model: "Phone 5", isBigEndian: true, makerNoteBytes: 0 },
  { make: "Acme", model: "Phone 9 Pro Max", isBigEndian: true, makerNoteBytes: 1_200 },
  { make: "Bravo", model: "SM-A155F", isBigEndian: false, makerNoteBytes: 98 },
  { make: "Bravo", model: "SM-S928B", isBigEndian: false, makerNoteBytes: 4_000 },
  { make: "Citra", model: "Redmi 12C", isBigEndian: false, makerNoteBytes: 14 },
  { make: "Delta", model: "CPH2477", isBigEndian: true, makerNoteBytes: 600 },
  { make: "Echo Imaging", model: "X-T5", isBigEndian: false, makerNoteBytes: 30_000 },
  { make: "Foxtrot", model: "ILCE-7M4", isBigEndian: false, makerNoteBytes: 40_000 },
];
const OFFSETS = ["+07:00", "+09:00", undefined] as const;
const BANDUNG = { lat: -6.9147, lon: 107.6098 };
const SIZE = [800, 600] as const;

const noise = { type: "gaussian" as const, mean: 128, sigma: 20 };
const painted = (channels: 3 | 4 = 3) =>
  sharp({ create: { width: SIZE[0], height: SIZE[1], channels, background: "#37a", noise: { ...noise } } });
/** Pictures in each coding that cameras and programs write. */
async function codings() {
  return {
    baseline: await painted().jpeg({ quality: 80 }).toBuffer(),
    progressive: await painted().jpeg({ progressive: true }).toBuffer(),
    grey: await painted().greyscale().jpeg().toBuffer(),
    cmyk: await painted().toColourspace("cmyk").jpeg().toBuffer(),
    unsampled: await painted().jpeg({ chromaSubsampling: "4:4:4" }).toBuffer(),
    optimised: await painted().jpeg({ optimiseCoding: true, trellisQuantisation: true }).toBuffer(),
    png: await painted().png().toBuffer(),
    interlaced: await painted().png({ progressive: true }).toBuffer(),
    palette: await painted().png({ palette: true }).toBuffer(),
    deep: await painted().toColourspace("rgb16").png().toBuffer(),
    transparent: await painted(4).png().toBuffer(),
    webp: await painted().webp().toBuffer(),
    lossless: await painted().webp({ lossless: true }).toBuffer(),
  };
}

const cameraOf = ({ make, model }: Camera) => (model.startsWith(make) ? model : `${make} ${model}`);
const readingsOf = (camera: Camera, { offset, place }: Shot): Partial<Exif> => ({
  camera: cameraOf(camera),
  taken: { local: "2026-05-01T09:30:00", ...(offset === undefined ? {} : { offset }) },
  ...(place ? { place } : {}),
});
const shotOf = (orientation: number, offset: string | undefined, hasPlace: boolean): Shot => ({
  orientation,
  taken: "2026:05:01 09:30:00",
  offset,
  place: hasPlace ? BANDUNG : undefined,
});

/** Builds at least 300 files in the forms that honest devices and programs write. */
export async function honestFiles(): Promise<readonly Honest[]> {
  const pixels = await codings();
  const files: Honest[] = [];
  for (const [index, camera] of CAMERAS.entries())
    for (let orientation = 1; orientation <= 8; orientation += 1)
      for (const offset of OFFSETS) {
        const shot = shotOf(orientation, offset, (index + orientation) % 2 === 0);
        files.push({
          name: `JPEG of ${cameraOf(camera)}, orientation ${orientation}, ${offset ?? "no zone"}`,
          contentType: "image/jpeg",
          bytes: () =>
            Hostile.withSegments(pixels.baseline, [Buffer.concat([Buffer.from("Exif\0\0"), exifOf(camera, shot)])]),
          readings: readingsOf(camera, shot),
        });
      }
  for (const [index, camera] of CAMERAS.entries()) {
    const shot = shotOf(1, OFFSETS[index % 3], true);
    const exif = exifOf(camera, shot);
    const readings = readingsOf(camera, shot);
    const segment = Buffer.concat([Buffer.from("Exif\0\0"), exif]);
    for (const name of ["progressive", "grey", "cmyk", "unsampled", "optimised"] as const)
      files.push({
        name: `${name} JPEG of ${cameraOf(camera)}`,
        contentType: "image/jpeg",
        bytes: () => Hostile.withSegments(pixels[name], [segment]),
        readings,
      });
    const behind = {
      "motion photo": mp4(110_000),
      "gain map": pixels.grey,
      "preview as multi-picture format": pixels.baseline,
      "trailing zeros": Buffer.alloc(4_096),
    };
    for (const [name, more] of Object.entries(behind))
      files.push({
        name: `JPEG with a ${name} behind it, of ${cameraOf(camera)}`,
        contentType: "image/jpeg",
        bytes: () => Buffer.concat([Hostile.withSegments(pixels.baseline, [segment]), more]),
        readings,
      });
    for (const name of ["png", "interlaced", "palette", "deep", "transparent"] as const)
      files.push({
        name: `${name} PNG of ${cameraOf(camera)}`,
        contentType: "image/png",
        bytes: () => Hostile.withChunks(pixels[name], [["eXIf", exif]]),
        readings,
      });
    for (const name of ["webp", "lossless"] as const)
      files.push({
        name: `${name} of ${cameraOf(camera)}`,
        contentType: "image/webp",
        bytes: () => Hostile.withWebpChunks(pixels[name], SIZE, [["EXIF", exif]]),
        readings,
      });
    for (const [name, before] of [
      ["plain", Buffer.alloc(4)],
      ["with the marker of APP1", Buffer.concat([Buffer.from([0, 0, 0, 6]), Buffer.from("Exif\0\0")])],
    ] as const)
      files.push({
        name: `HEIC of ${cameraOf(camera)}, ${name}`,
        contentType: "image/heic",
        bytes: () => heic({ exif: Buffer.concat([before, exif]) }),
        readings,
      });
  }
  return [...files, ...otherFiles()];
}

function otherFiles(): Honest[] {
  const files: (readonly [string, Declared["contentType"], () => Buffer])[] = [
    ["HEIC of 200 megapixels", "image/heic", () => heicOfTiles(768)],
    ["burst as a HEIC sequence", "image/heic", () => heicSequence()],
    ["document behind a byte-order mark", "application/pdf", () => Buffer.concat([Buffer.from("\ufeff"), pdf()])],
    ["document behind the header of a response", "application/pdf", () => pdf(12_000, "HTTP/1.1 200 OK\r\n\r\n")],
    ["fragmented video of a browser", "video/mp4", () => fragmentedMp4()],
    ["video with free space", "video/mp4", () => Buffer.concat([mp4(), box("free", Buffer.alloc(4_096))])],
  ];
  for (const brands of ["mif1\0\0\0\0mif1miaf", "mif1\0\0\0\0mif1heic", "heix\0\0\0\0mif1", "heim\0\0\0\0mif1"])
    files.push([`HEIC of the brand ${brands.replaceAll("\0", "")}`, "image/heic", () => heic({ brands })]);
  for (const fill of [12_000, 100_000, 1_000_000]) {
    files.push([`document of ${fill} bytes`, "application/pdf", () => pdf(fill)]);
    for (const predictor of [1, 12])
      files.push([
        `packed document of ${fill} bytes, ${predictor}`,
        "application/pdf",
        () => packedPdf(predictor, fill),
      ]);
  }
  for (const codec of ["avc1", "hvc1"]) {
    files.push([`iPhone video, ${codec}`, "video/quicktime", () => quickTime(codec)]);
    for (const size of [110_000, 2_000_000])
      files.push([`video, ${codec}, ${size}`, "video/mp4", () => mp4(size, { codec })]);
  }
  return files.map(([name, contentType, bytes]) => ({ name, contentType, bytes, readings: undefined }));
}

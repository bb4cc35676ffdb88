import sharp from "sharp";
import type { ContentType } from "@gotong/core/domain/evidence/file-rules.ts";
import type { Exif } from "@gotong/core/domain/evidence/examiner/result.ts";
import { box, heic, uint } from "../../harness/files.ts";
import * as Hostile from "../../harness/hostile-files.ts";
import { heicOfOneTile } from "../../harness/phone-files.ts";
import { type Shot, exifOf } from "./exif.ts";
import { oddDocuments, oddVideos } from "./odd-media.ts";

/**
 * An unusual file of an honest device or program, and the exact metadata that is read from it; undefined for a file
 * that is refused.
 */
export interface OddFile {
  readonly name: string;
  readonly contentType: ContentType;
  readonly bytes: Buffer;
  readonly readings: Exif | undefined;
  /** A part of the reason of the refusal. */
  readonly detail?: string;
  /** Width and height of the thumbnail. */
  readonly size?: readonly [number, number];
}

const [WIDTH, HEIGHT] = [800, 600];
const latin1 = (text: string) => Buffer.from(text, "latin1");
const CAMERA = { make: "Kamera", model: "K1", isBigEndian: true, makerNoteBytes: 2_000 };
const SHOT: Shot = { orientation: 1, taken: "2026:05:01 09:30:00", offset: "+07:00", place: undefined };
const READ: Exif = { camera: "Kamera K1", taken: { local: "2026-05-01T09:30:00", offset: "+07:00" } };

/** A picture of a dark left half and a light right half, so that a thumbnail shows whether it was decoded correctly. */
const painted = () =>
  sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: "#202020" } }).composite([
    {
      input: { create: { width: WIDTH / 2, height: HEIGHT, channels: 3, background: "#d0d0d0" } },
      left: WIDTH / 2,
      top: 0,
    },
  ]);

export async function oddFiles(): Promise<readonly OddFile[]> {
  return [
    ...(await jpegs()),
    ...(await times()),
    ...(await pngs()),
    ...(await webps()),
    ...heics(),
    ...oddVideos(),
    ...oddDocuments(),
  ];
}

const exif = (shot: Partial<Shot> = {}) => Buffer.concat([latin1("Exif\0\0"), exifOf(CAMERA, { ...SHOT, ...shot })]);

async function jpegs(): Promise<OddFile[]> {
  const jpeg = await painted().jpeg().toBuffer();
  const progressive = await painted().jpeg({ progressive: true }).toBuffer();
  const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
  const changed = (at: number, value: number) => {
    const copy = Buffer.from(jpeg);
    copy.writeUInt8(value, at);
    return copy;
  };
  const own = Hostile.withSegments(jpeg, [exif()]);
  const mpf = Buffer.concat([
    latin1("MPF\0"),
    Hostile.tiff([
      [
        [0xb000, 7, 4, 0x30303130],
        [0xb001, 4, 1, 2],
      ],
    ]),
  ]);
  const two = (second: Buffer) => Buffer.concat([Hostile.withSegments(own, [mpf], 0xe2), second]);
  const asJpeg = { contentType: "image/jpeg", size: [320, 240] } as const;
  return [
    { ...asJpeg, name: "two pictures by MPF", bytes: two(jpeg), readings: READ },
    {
      ...asJpeg,
      name: "a progressive second picture",
      bytes: two(Buffer.concat(Array.from({ length: 9 }, () => progressive))),
      readings: READ,
    },
    {
      ...asJpeg,
      name: "a second picture with EXIF of its own",
      bytes: two(Hostile.withSegments(jpeg, [exif({ taken: "2001:01:01 00:00:00" })])),
      readings: READ,
    },
    { ...asJpeg, name: "two starts", bytes: Buffer.concat([Buffer.of(0xff, 0xd8), own]), readings: READ },
    {
      ...asJpeg,
      name: "EXIF behind the tables",
      bytes: Buffer.concat([
        jpeg.subarray(0, frame),
        Hostile.withSegments(jpeg, [exif()]).subarray(2, 2 + exif().length + 4),
        jpeg.subarray(frame),
      ]),
      readings: READ,
    },
    { ...asJpeg, name: "12 bits", bytes: changed(frame + 4, 12), readings: undefined, detail: "coded in a rare way" },
    {
      ...asJpeg,
      name: "a lossless frame",
      bytes: changed(frame + 1, 0xc3),
      readings: undefined,
      detail: "coded in a rare way",
    },
    {
      ...asJpeg,
      name: "a hierarchical frame",
      bytes: changed(frame + 1, 0xc5),
      readings: undefined,
      detail: "coded in a rare way",
    },
    {
      ...asJpeg,
      name: "a height of 0, stated after the scan",
      bytes: (() => {
        const c = changed(frame + 5, 0);
        c.writeUInt8(0, frame + 6);
        return c;
      })(),
      readings: undefined,
    },
    { ...asJpeg, name: "no end marker", bytes: own.subarray(0, -2), readings: undefined },
    { ...asJpeg, name: "zeros after the end", bytes: Buffer.concat([own, Buffer.alloc(70_000)]), readings: READ },
    {
      ...asJpeg,
      name: "grey",
      bytes: Hostile.withSegments(await painted().toColourspace("b-w").jpeg().toBuffer(), [exif()]),
      readings: READ,
    },
    {
      ...asJpeg,
      name: "CMYK",
      bytes: Hostile.withSegments(await painted().toColourspace("cmyk").jpeg().toBuffer(), [exif()]),
      readings: READ,
    },
    {
      ...asJpeg,
      name: "turned",
      size: [240, 320],
      bytes: Hostile.withSegments(jpeg, [exif({ orientation: 6 })]),
      readings: READ,
    },
    {
      ...asJpeg,
      name: "an orientation of 0",
      bytes: Hostile.withSegments(jpeg, [exif({ orientation: 0 })]),
      readings: READ,
    },
    {
      ...asJpeg,
      name: "an orientation of 9",
      bytes: Hostile.withSegments(jpeg, [exif({ orientation: 9 })]),
      readings: READ,
    },
    {
      ...asJpeg,
      name: "EXIF twice",
      bytes: Hostile.withSegments(jpeg, [exif(), exif({ taken: "2001:01:01 00:00:00" })]),
      readings: READ,
    },
  ];
}

async function times(): Promise<OddFile[]> {
  const jpeg = await painted().jpeg().toBuffer();
  const camera: Exif = { camera: "Kamera K1" };
  const shotOf = (name: string, shot: Partial<Shot>, readings: Exif): OddFile => ({
    name,
    contentType: "image/jpeg",
    bytes: Hostile.withSegments(jpeg, [exif(shot)]),
    readings,
  });
  const never = [
    "0000:00:00 00:00:00",
    "    :  :     :  :  ",
    "2026:05:01 24:00:00",
    "2026:02:30 10:00:00",
    "2026:13:01 10:00:00",
    "",
    "\0\0\0\0:\0\0:\0\0 \0\0:\0\0:\0\0",
    "0001:01:01 00:00:00",
    "１２",
  ];
  const half = [6, 1, 54, 1, 0, 1];
  const xmp = (content: string) =>
    latin1(`http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:RDF>${content}</rdf:RDF></x:xmpmeta>`);
  const taken = { local: "2026-05-01T09:30:00" };
  const asXmp = (name: string, content: string, time: Exif["taken"]): OddFile => ({
    name,
    contentType: "image/jpeg",
    bytes: Hostile.withSegments(jpeg, [xmp(content)]),
    readings: time ? { taken: time } : {},
  });
  return [
    ...never.map((time) => shotOf(`the time ${JSON.stringify(time.slice(0, 30))}`, { taken: time }, camera)),
    shotOf("fractions of a second", { taken: "2026:05:01 09:30:00.123" }, READ),
    shotOf("a time that ends with spaces", { taken: "2026:05:01 09:30:00    " }, READ),
    shotOf("an offset of spaces", { offset: "   :  " }, { ...camera, taken: { ...taken, offset: undefined } }),
    shotOf(
      "a place of 0/0",
      {
        fractions: [
          [0, 0, 0, 0, 0, 0],
          [0, 0, 0, 0, 0, 0],
        ],
      },
      READ,
    ),
    shotOf(
      "a place of zeros, without a fix",
      {
        fractions: [
          [0, 1, 0, 1, 0, 1],
          [0, 1, 0, 1, 0, 1],
        ],
      },
      READ,
    ),
    shotOf("seconds of 0/0", { fractions: [[6, 1, 54, 1, 0, 0], half] }, READ),
    shotOf(
      "degrees above 180",
      {
        fractions: [
          [6, 1, 0, 1, 0, 1],
          [361, 1, 0, 1, 0, 1],
        ],
      },
      READ,
    ),
    shotOf(
      "a place of decimal minutes",
      { fractions: [half, [107, 1, 366, 10, 0, 1]] },
      { ...READ, place: { lat: 6.9, lon: 107.61 } },
    ),
    shotOf(
      "a place of decimal degrees",
      {
        fractions: [
          [69, 10],
          [10761, 100],
        ],
      },
      { ...READ, place: { lat: 6.9, lon: 107.61 } },
    ),
    asXmp("the time in an attribute of XMP", '<rdf:Description exif:DateTimeOriginal="2026-05-01T09:30:00+07:00"/>', {
      ...taken,
      offset: "+07:00",
    }),
    asXmp("the time in an element of XMP", "<photoshop:DateCreated>2026-05-01T09:30:00.5Z</photoshop:DateCreated>", {
      ...taken,
      offset: "+00:00",
    }),
    asXmp("the time without seconds in XMP", '<rdf:Description xmp:CreateDate="2026-05-01T09:30+07:00"/>', {
      ...taken,
      offset: "+07:00",
    }),
    asXmp("a day in XMP", '<rdf:Description xmp:CreateDate="2026-05-01"/>', undefined),
  ];
}

async function pngs(): Promise<OddFile[]> {
  const asPng = { contentType: "image/png", size: [320, 240] } as const;
  const withLast = (png: Buffer, chunks: Parameters<typeof Hostile.withChunks>[1]) => {
    const added = Hostile.withChunks(Buffer.concat([png.subarray(0, 33)]), chunks).subarray(33);
    return Buffer.concat([png.subarray(0, -12), added, png.subarray(-12)]);
  };
  const block = exifOf(CAMERA, SHOT);
  const png = await painted().png().toBuffer();
  const control = Buffer.concat([uint(4, 0), uint(4, WIDTH), uint(4, HEIGHT), Buffer.alloc(14)]);
  return [
    { ...asPng, name: "EXIF after the pixels", bytes: withLast(png, [["eXIf", block]]), readings: READ },
    { ...asPng, name: "EXIF with a prefix", bytes: withLast(png, [["eXIf", exif()]]), readings: READ },
    {
      ...asPng,
      name: "16 bits of grey",
      bytes: withLast(await painted().toColourspace("grey16").png().toBuffer(), [["eXIf", block]]),
      readings: READ,
    },
    {
      ...asPng,
      name: "16 bits of colour",
      bytes: withLast(await painted().toColourspace("rgb16").png().toBuffer(), [["eXIf", block]]),
      readings: READ,
    },
    {
      ...asPng,
      name: "interlaced",
      bytes: withLast(await painted().png({ progressive: true }).toBuffer(), [["eXIf", block]]),
      readings: READ,
    },
    {
      ...asPng,
      name: "a palette",
      bytes: withLast(await painted().png({ palette: true }).toBuffer(), [["eXIf", block]]),
      readings: READ,
    },
    {
      ...asPng,
      name: "transparency",
      bytes: withLast(await painted().ensureAlpha(0.5).png().toBuffer(), [["eXIf", block]]),
      readings: READ,
    },
    {
      ...asPng,
      name: "an animation",
      bytes: withLast(
        Hostile.withChunks(png, [
          ["acTL", Buffer.concat([uint(4, 2), uint(4, 0)])],
          ["fcTL", control],
        ]),
        [
          ["fcTL", control],
          ["fdAT", Buffer.alloc(2_000)],
          ["eXIf", block],
        ],
      ),
      readings: READ,
    },
    {
      ...asPng,
      name: "bytes after its end",
      bytes: Buffer.concat([withLast(png, [["eXIf", block]]), Buffer.alloc(70_000)]),
      readings: READ,
    },
  ];
}

async function webps(): Promise<OddFile[]> {
  const asWebp = { contentType: "image/webp", size: [320, 240] } as const;
  const block = exifOf(CAMERA, SHOT);
  const after = async (webp: Buffer, content = block) =>
    Hostile.withWebpChunks(webp, [WIDTH, HEIGHT], [["EXIF", content]]);
  const clear = await painted().ensureAlpha(0.5).webp({ lossless: true }).toBuffer();
  return [
    { ...asWebp, name: "lossless with alpha, EXIF after the pixels", bytes: await after(clear), readings: READ },
    {
      ...asWebp,
      name: "EXIF with a prefix",
      bytes: await after(await painted().webp().toBuffer(), exif()),
      readings: READ,
    },
    {
      ...asWebp,
      name: "bytes after its end",
      bytes: Buffer.concat([await after(await painted().webp().toBuffer()), Buffer.alloc(70_000)]),
      readings: READ,
    },
  ];
}

function heics(): OddFile[] {
  const item = (shot: Partial<Shot> = {}) => Buffer.concat([uint(4, 0), exifOf(CAMERA, { ...SHOT, ...shot })]);
  const asHeic = { contentType: "image/heic", size: [320, 240] } as const;
  return [
    {
      ...asHeic,
      name: "turned, by EXIF as well",
      size: [240, 320],
      bytes: heic({ turns: [box("irot", uint(1, 1))], exif: item({ orientation: 6 }) }),
      readings: READ,
    },
    { ...asHeic, name: "turned by EXIF only", bytes: heic({ exif: item({ orientation: 6 }) }), readings: READ },
    {
      ...asHeic,
      name: "mirrored and turned",
      size: [240, 320],
      bytes: heic({ turns: [box("imir", uint(1, 0)), box("irot", uint(1, 3))], exif: item() }),
      readings: READ,
    },
    {
      ...asHeic,
      name: "the brands of iOS 18",
      bytes: heic({ brands: "heic\0\0\0\0mif1MiHBMiHEMiPrmiafheictmap", exif: item() }),
      readings: READ,
    },
    {
      ...asHeic,
      name: "bytes after its end",
      bytes: Buffer.concat([heic({ exif: item() }), Buffer.alloc(9_000)]),
      readings: READ,
    },
    ...[
      {},
      { isWide: true },
      { auxiliary: "urn:mpeg:hevc:2015:auxid:1" },
      { auxiliary: "urn:com:apple:photo:2020:aux:hdrgainmap" },
      { isWide: true, auxiliary: "urn:mpeg:hevc:2015:auxid:2" },
    ].map((form) => ({
      ...asHeic,
      name: `a grid of one tile, ${JSON.stringify(form)}`,
      bytes: heicOfOneTile(form),
      readings: {},
    })),
  ];
}

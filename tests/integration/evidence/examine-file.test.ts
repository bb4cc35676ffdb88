import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import sharp, { type Exif } from "sharp";
import { expect, test } from "vitest";
import { demoPhoto } from "@gotong/local/photo.ts";
import { decodeHeic } from "@gotong/core/domain/evidence/examiner/heic-pixels.ts";
import { examineFile } from "@gotong/core/domain/evidence/examiner/examine-file.ts";
import type { Declared } from "@gotong/core/domain/evidence/examiner/result.ts";
import { compareWith, storedLikeness } from "@gotong/core/domain/evidence/picture-likeness.ts";
import { box, fragmentedMp4, heic, mp4, packedPdf, pdf, uint } from "../../harness/files.ts";
import { PICTURE } from "../../harness/hevc.ts";

const declare = (bytes: Uint8Array, contentType: Declared["contentType"]): Declared => ({
  contentType,
  sizeBytes: bytes.byteLength,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#357" } });
const codeOf = (result: Awaited<ReturnType<typeof examineFile>>) => (result.ok ? "ok" : result.code);
const judge = async (bytes: Uint8Array, contentType: Declared["contentType"]) =>
  codeOf(await examineFile(bytes, declare(bytes, contentType)));

test("a file whose length, hash or type differs from its declaration is refused with this difference as the reason", async () => {
  const bytes = demoPhoto(new Date());
  const declared = declare(bytes, "image/jpeg");
  expect(codeOf(await examineFile(bytes, declared))).toBe("ok");
  expect(codeOf(await examineFile(bytes.subarray(1), declared))).toBe("SIZE_MISMATCH");
  expect(codeOf(await examineFile(bytes, { ...declared, sha256: "0".repeat(64) }))).toBe("HASH_MISMATCH");
  expect(codeOf(await examineFile(bytes, { ...declared, contentType: "image/png" }))).toBe("TYPE_MISMATCH");
  const text = Buffer.from("no picture at all");
  expect(codeOf(await examineFile(text, declare(text, "image/jpeg")))).toBe("TYPE_MISMATCH");
});

test("a truncated picture and a picture that is too small on either edge are refused, but a rotated picture is not", async () => {
  for (const [width, height, code] of [
    [640, 480, "ok"],
    [480, 640, "ok"],
    [640, 479, "PICTURE_TOO_SMALL"],
    [639, 480, "PICTURE_TOO_SMALL"],
  ] as const) {
    const bytes = await picture(width, height).png().toBuffer();
    expect(codeOf(await examineFile(bytes, declare(bytes, "image/png"))), `${width} x ${height}`).toBe(code);
  }
  const whole = demoPhoto(new Date());
  const broken = whole.subarray(0, Math.floor(whole.length / 2));
  expect(codeOf(await examineFile(broken, declare(broken, "image/jpeg")))).toBe("UNDECODABLE");
});

test("a baseline JPEG or HEIC may have 250 megapixels, other pictures 50, and larger ones are refused as TOO_MANY_PIXELS", async () => {
  const large = picture(9000, 7000);
  const baseline = await large.clone().jpeg().toBuffer();
  expect(await judge(baseline, "image/jpeg")).toBe("ok");
  const others: readonly Case[] = [
    ["progressive", await large.clone().jpeg({ progressive: true }).toBuffer(), "image/jpeg"],
    ["png", await large.clone().png({ compressionLevel: 1 }).toBuffer(), "image/png"],
  ];
  for (const [name, file, type] of others)
    expect(await examineFile(file, declare(file, type)), name).toEqual({
      ok: false,
      code: "TOO_MANY_PIXELS",
      detail: "The picture has 63 megapixels; the limit is 50, or 250 for a baseline JPEG or a HEIC.",
    });
  const head = baseline.indexOf(Buffer.from([0xff, 0xc0])); // the frame header, which contains height and width
  baseline.writeUInt16BE(30_000, head + 5);
  expect(await judge(baseline, "image/jpeg")).toBe("TOO_MANY_PIXELS");
});

test("a JPEG with stray bytes before a marker, as phones write them, is valid; a truncated JPEG is not", async () => {
  const whole = await picture(1200, 900).jpeg().toBuffer();
  const marker = whole.indexOf(Buffer.from([0xff, 0xda])); // the marker before the pixels
  const stray = Buffer.concat([whole.subarray(0, marker), Buffer.from([1, 2, 3]), whole.subarray(marker)]);
  expect(await judge(stray, "image/jpeg")).toBe("ok");
  expect(await judge(stray.subarray(0, stray.length - 1000), "image/jpeg")).toBe("UNDECODABLE");
});

test("time, place and camera in EXIF data are read independently, and invalid values count as absent", async () => {
  const taken = { local: "2026-11-02T08:30:00", offset: "+07:00" };
  const write = (exif: Exif) => picture(640, 480).withExif(exif).jpeg().toBuffer();
  const gps = {
    GPSLatitudeRef: "S",
    GPSLatitude: "6/1 54/1 52/1",
    GPSLongitudeRef: "E",
    GPSLongitude: "107/1 36/1 35/1",
  };
  for (const [exif, expected] of [
    [{ IFD0: { Make: "Acme", Model: "One" } }, { camera: "Acme One" }],
    [{ IFD0: { Model: "One" } }, { camera: "One" }],
    [{ IFD2: { DateTimeOriginal: "2026:11:02 08:30:00", OffsetTimeOriginal: "+07:00" } }, { taken }],
    [{ IFD2: { DateTimeOriginal: "2026:11:02 08:30:00" } }, { taken: { ...taken, offset: undefined } }],
    [{ IFD2: { DateTimeOriginal: "2026:11:02 08:30:00", OffsetTime: "+07:00" } }, { taken }],
    [{ IFD2: { DateTimeOriginal: "2026:11:02 08:30:00", OffsetTimeDigitized: "+0700" } }, { taken }],
    [
      { IFD2: { DateTimeOriginal: "2026:11:02 08:30:00", OffsetTimeOriginal: "+07:00", OffsetTime: "+09:00" } },
      { taken },
    ],
    [
      { IFD2: { DateTimeOriginal: "2026:11:02 08:30:00", OffsetTimeOriginal: "   :  ", OffsetTime: "+07:00" } },
      { taken },
    ],
    [{ IFD2: { DateTimeOriginal: "2026-11-02 08:30:00", OffsetTimeOriginal: "+07:00" } }, { taken }],
    [{ IFD2: { DateTimeOriginal: "2026-11-02T08:30:00", OffsetTimeOriginal: "+07:00" } }, { taken }],
    [{ IFD2: { DateTimeDigitized: "2026:11:02 08:30:00", OffsetTimeDigitized: "+07:00" } }, { taken }],
    [{ IFD0: { DateTime: "2026:11:02 08:30:00" }, IFD2: { OffsetTime: "+07:00" } }, { taken }],
    [{ IFD0: { DateTime: "2026/11/02 08:30:00" } }, { taken: { ...taken, offset: undefined } }],
    [
      {
        IFD0: { DateTime: "2020:01:01 00:00:00" },
        IFD2: {
          DateTimeOriginal: "0000:00:00 00:00:00",
          DateTimeDigitized: "2026:11:02 08:30:00",
          OffsetTime: "+07:00",
        },
      },
      { taken },
    ],
    [{ IFD2: { DateTimeOriginal: "2026:02:31 08:30:00" } }, {}],
    [
      { IFD2: { DateTimeOriginal: "2026:11:02 08:30:00", OffsetTimeOriginal: "+99:00" } },
      { taken: { ...taken, offset: undefined } },
    ],
    [{ IFD3: { GPSDateStamp: "2026-11-02", GPSTimeStamp: "1/1 30/1 59/2" } }, { gpsTime: "2026-11-02T01:30:29Z" }],
    [{ IFD2: { DateTimeOriginal: "yesterday" } }, {}],
    [{ IFD3: { GPSDateStamp: "2026:11:02", GPSTimeStamp: "1/1 30/1 59/2" } }, { gpsTime: "2026-11-02T01:30:29Z" }],
    [{ IFD3: { GPSDateStamp: "2026:11:02", GPSTimeStamp: "24/1 30/1 0/1" } }, {}],
    [{ IFD3: { GPSTimeStamp: "1/1 30/1 0/1" } }, {}],
    [{ IFD3: gps }, { place: { lat: expect.closeTo(-6.9144, 3), lon: expect.closeTo(107.6097, 3) } }],
    [{ IFD3: { GPSLatitudeRef: "S", GPSLatitude: "6/1 54/1 52/1" } }, {}],
  ] as const) {
    const bytes = await write(exif);
    const result = await examineFile(bytes, declare(bytes, "image/jpeg"));
    expect(result.ok && result.exif, JSON.stringify(exif)).toEqual(expected);
  }
  // EXIF strings may contain characters that the database cannot store.
  const odd = Buffer.from(await write({ IFD0: { Make: "Acme.Corp" } }));
  odd[odd.indexOf("Acme.Corp") + 4] = 0;
  expect(await examineFile(odd, declare(odd, "image/jpeg"))).toMatchObject({ exif: { camera: "Acme Corp" } });
  const long = await write({ IFD0: { Make: `${"a".repeat(199)}🌾` } });
  const read = await examineFile(long, declare(long, "image/jpeg"));
  expect(read.ok && read.exif.camera?.isWellFormed()).toBe(true);
  const bare = await picture(640, 480).jpeg().toBuffer();
  expect(await examineFile(bare, declare(bare, "image/jpeg"))).toMatchObject({ ok: true, exif: {} });
});

type Case = readonly [name: string, file: Buffer, type: Declared["contentType"]];

/** The byte range of a HEIC's only item: in the file, or in the box `idat`. */
const iloc = (at: number, length: number, isInside = 0) => {
  const content = Buffer.alloc(20);
  for (const [index, value] of [0x4400, 1, 1, isInside, 0, 1].entries()) content.writeUInt16BE(value, index * 2);
  content.writeUInt32BE(at, 12);
  content.writeUInt32BE(length, 16);
  return box("iloc", 0x01000000, content);
};

/** The boxes of a video, without content. */
const emptyBoxes = () =>
  Buffer.concat([
    box("ftyp", "isom", 512, "isommp42"),
    box("moov", box("trak", box("mdia", box("minf", box("stbl"))))),
    box("mdat", randomBytes(150_000)),
  ]);
/** Begins and ends like a PDF, without a valid structure. */
const randomObjects = () =>
  Buffer.concat([Buffer.from("%PDF-1.4\n1 0 obj\n"), randomBytes(20_000), Buffer.from("startxref\n9\n%%EOF\n")]);

/** Builds a box with a 64-bit length. */
function longBox(type: string, content: Uint8Array): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32BE(1);
  head.write(type, 4, "latin1");
  head.writeBigUInt64BE(BigInt(content.length + 16), 8);
  return Buffer.concat([head, content]);
}

test("valid documents, videos and HEIC files are accepted", async () => {
  const document = pdf();
  expect(await examineFile(document, declare(document, "application/pdf"))).toEqual({
    ok: true,
    exif: { pages: 1 },
    thumbnail: undefined,
    likeness: undefined,
  });
  for (const predictor of [1, 12]) expect(await judge(packedPdf(predictor), "application/pdf")).toBe("ok");
  const [video, samples] = [mp4(), randomBytes(100)];
  const openEnd = Buffer.concat([video, box("mdat", samples)]);
  openEnd.writeUInt32BE(0, video.length);
  for (const file of [
    video,
    fragmentedMp4(),
    mp4(110_000, { codec: "hvc1" }),
    openEnd,
    Buffer.concat([video, longBox("mdat", samples)]),
  ])
    expect(await judge(file, "video/mp4")).toBe("ok");
  for (const brands of ["heic\0\0\0\0mif1heic", "heix\0\0\0\0mif1heix", "mif1\0\0\0\0mif1heic", "msf1\0\0\0\0hevcheix"])
    expect(await judge(heic({ brands }), "image/heic"), brands).toBe("ok");
  expect(await judge(heic({ places: iloc(0, PICTURE.length, 1) }), "image/heic")).toBe("ok"); // the item is in `idat`
  // Some phones leave other data after the last box.
  const rest = Buffer.from("/>\n</rdf:RDF></x:xmpmeta>\nSEFHSEFT\0\0\0\0");
  expect(await judge(Buffer.concat([heic(), rest]), "image/heic")).toBe("ok");
  expect(await judge(Buffer.concat([document, Buffer.alloc(1_010, "\n")]), "application/pdf")).toBe("ok");
  expect(await judge(heic({ width: 639, height: 480 }), "image/heic")).toBe("PICTURE_TOO_SMALL");
});

test("random bytes after a magic number, truncated files and files with missing or inconsistent parts are refused", async () => {
  const [document, video, picture] = [pdf(), mp4(), heic()];
  const swap = (file: Buffer, from: string, to: string) =>
    Buffer.from(
      file.toString("latin1").replace(from, () => to),
      "latin1",
    );
  const cut = (file: Buffer) => file.subarray(0, Math.floor(file.length * 0.9));
  const lying = (file: Buffer, type: string, length: number) => {
    const changed = Buffer.from(file);
    changed.writeUInt32BE(length, changed.indexOf(type, 0, "latin1") - 4);
    return changed;
  };
  const cases: readonly Case[] = [
    ["random after %PDF", Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(20_000)]), "application/pdf"],
    ["document cut", cut(document), "application/pdf"],
    ["document of a later kind", swap(document, "%PDF-1.7", "%PDF-9.7"), "application/pdf"],
    ["table elsewhere", swap(document, "startxref\n1", "startxref\n2"), "application/pdf"],
    ["no table", swap(document, "startxref", "startover"), "application/pdf"],
    ["random after ftyp", Buffer.concat([box("ftyp", "isom", 512), randomBytes(120_000)]), "video/mp4"],
    ["video cut", cut(video), "video/mp4"],
    ["bytes behind the last box", Buffer.concat([video, Buffer.alloc(7)]), "video/mp4"],
    ...["moov", "mdat", "trak", "mdia", "minf", "stbl"].map((type): Case => [
      `video without ${type}`,
      swap(video, type, "free"),
      "video/mp4",
    ]),
    ...[1, 7, 9, 1_000_000].map((length): Case => [
      `trak of ${length} bytes`,
      lying(video, "trak", length),
      "video/mp4",
    ]),
    ["trak without end", lying(Buffer.concat([video, box("free")]), "trak", 0), "video/mp4"],
    ["random after the boxes of a video", emptyBoxes(), "video/mp4"],
    ["samples that are no units", mp4(110_000, { fill: randomBytes(110_000) }), "video/mp4"],
    ["a fragment of noise", fragmentedMp4(randomBytes(110_000)), "video/mp4"],
    ["random objects", randomObjects(), "application/pdf"],
    ["a table that leads nowhere", swap(document, "00000 n", "00000 f"), "application/pdf"],
    ["a document without pages", swap(document, "/Kids[3 0 R]", "/Kids[9 0 R]"), "application/pdf"],
    ["packed objects that are noise", swap(packedPdf(12), "/ObjStm", "/ObjStn").fill(7, 60, 90), "application/pdf"],
    ["a picture of zeros", heic({ pixels: Buffer.alloc(60_000) }), "image/heic"],
    ["random after ftyp", Buffer.concat([box("ftyp", "heic", 0, "mif1heic"), randomBytes(60_000)]), "image/heic"],
    ["picture cut", cut(picture), "image/heic"],
    ["half a picture", picture.subarray(0, picture.length >> 1), "image/heic"],
    ["half a picture, then zeros", Buffer.from(picture).fill(0, picture.length >> 1), "image/heic"],
    ["zeros in the middle", Buffer.from(picture).fill(0, picture.length - 1_500, picture.length - 1_400), "image/heic"],
    ["half a video", video.subarray(0, video.length >> 1), "video/mp4"],
    ...["meta", "pitm", "iloc", "iinf", "iprp", "ipco", "hvcC", "ispe"].map((type): Case => [
      `picture without ${type}`,
      swap(picture, type, "free"),
      "image/heic",
    ]),
    ["item beyond the end", heic({ places: iloc(60_000, 400) }), "image/heic"],
    ["item beyond its own box", heic({ places: iloc(0, PICTURE.length + 1, 1) }), "image/heic"],
  ];
  for (const [name, file, type] of cases) expect(await judge(file, type), name).toBe("UNDECODABLE");
});

test("an encrypted document or video is refused with its reason", async () => {
  const encrypted = (file: Buffer) =>
    Buffer.from(file.toString("latin1").replace("/Root 1 0 R", "/Root 1 0 R/Encrypt 3 0 R"), "latin1");
  for (const [file, type] of [
    [encrypted(pdf()), "application/pdf"],
    [encrypted(packedPdf(12)), "application/pdf"],
    [Buffer.concat([Buffer.from("\n"), encrypted(pdf())]), "application/pdf"],
    [mp4(110_000, { codec: "encv" }), "video/mp4"],
    [mp4(110_000, { codec: "drmi" }), "video/mp4"],
  ] as const)
    expect(await judge(file, type)).toBe("ENCRYPTED");
});

test("a HEIC gives an upright thumbnail, and its perceptual hash matches that of the same picture as PNG", async () => {
  const decoded = await decodeHeic(heic());
  const raw = { width: decoded.width, height: decoded.height, channels: 3 as const };
  expect([raw.width, raw.height]).toEqual([400, 300]);
  const asPng = await sharp(decoded.data, { raw }).resize(800, 600).png().toBuffer();
  const one = (index: number) => uint(1, index);
  // `irot` turns anticlockwise; `imir` 0 mirrors vertically, 1 horizontally.
  for (const [name, turns, turned] of [
    ["upright", [], sharp(asPng)],
    ["turned by 90", [box("irot", one(1))], sharp(asPng).rotate(270)],
    ["turned by 180", [box("irot", one(2))], sharp(asPng).rotate(180)],
    ["mirrored", [box("imir", one(1))], sharp(asPng).flop()],
    ["mirrored, then turned", [box("imir", one(0)), box("irot", one(3))], sharp(asPng).flip().rotate(90)],
  ] as const) {
    const [file, same] = [
      heic({ turns: [...turns] }),
      await sharp(await turned.png().toBuffer())
        .png()
        .toBuffer(),
    ];
    const [found, expected] = [
      await examineFile(file, declare(file, "image/heic")),
      await examineFile(same, declare(same, "image/png")),
    ];
    const [one, other] = [found, expected].map((result) => (result.ok ? result.likeness : undefined));
    expect(compareWith(one ?? [])(storedLikeness(other ?? []).pictureWindows), name).toBeLessThanOrEqual(4);
    const shown = await sharp(found.ok ? found.thumbnail : undefined).metadata();
    expect(shown.width > shown.height, name).toBe(!name.includes("90") && !name.includes("then turned"));
  }
});

test("files with a million boxes, or an item with endless extents, are refused within a second", async () => {
  const free = Buffer.from(box("free"));
  const many = Buffer.concat(Array.from({ length: 1_000_000 }, () => free));
  const endless = box("iloc", 0x02000000, 0, 0xffffffff, Buffer.alloc(1_000_000, 0xff));
  const files: readonly [Buffer, Declared["contentType"]][] = [
    [Buffer.concat([mp4(), many]), "video/mp4"],
    [Buffer.concat([mp4(), box("moov", many)]), "video/mp4"],
    [
      Buffer.concat([mp4(), ...Array.from({ length: 20 }, () => box("moov", many.subarray(0, 99_000 * 8)))]),
      "video/mp4",
    ],
    [heic({ places: endless }), "image/heic"],
  ];
  for (const [file, type] of files) {
    const declared = declare(file, type);
    const startedAt = performance.now();
    expect(codeOf(await examineFile(file, declared))).toBe("UNDECODABLE");
    expect(performance.now() - startedAt).toBeLessThan(1000);
  }
});

test("the examination of a corrupted PDF, MP4 or HEIC returns a result and never throws", async () => {
  const files = [pdf(200), mp4(200), heic()];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(0, 1, 2),
      fc.array(fc.tuple(fc.nat(1200), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
      async (which, changes) => {
        const damaged = Buffer.from(files[which] ?? []);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        const types = ["application/pdf", "video/mp4", "image/heic"] as const;
        expect(["ok", "UNDECODABLE", "TYPE_MISMATCH", "PICTURE_TOO_SMALL", "TOO_MANY_PIXELS"]).toContain(
          await judge(damaged, types[which] ?? "video/mp4"),
        );
      },
    ),
    { numRuns: 500 },
  );
});

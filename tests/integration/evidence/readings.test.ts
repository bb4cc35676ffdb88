import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { examineFile } from "@gotong/core/domain/evidence/examiner/examine-file.ts";
import type { Declared } from "@gotong/core/domain/evidence/examiner/result.ts";
import { timeFindings } from "@gotong/core/domain/evidence/findings.ts";
import { box, mp4, packedPdf, pdf, uint } from "../../harness/files.ts";
import * as Hostile from "../../harness/hostile-files.ts";

const EDGES = [1000, 800] as const;
const painted = () => sharp({ create: { width: EDGES[0], height: EDGES[1], channels: 3, background: "#357" } });
const [jpeg, png, webp] = await Promise.all([
  painted().jpeg().toBuffer(),
  painted().png().toBuffer(),
  painted().webp().toBuffer(),
]);

async function readings(file: Buffer, contentType: Declared["contentType"]) {
  const sha256 = createHash("sha256").update(file).digest("hex");
  const result = await examineFile(file, { contentType, sizeBytes: file.length, sha256 });
  return result.ok ? result.exif : result.code;
}

const packet = (inner: string) =>
  `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description ${inner}</rdf:RDF></x:xmpmeta>`;
const TAKEN = { taken: { local: "2026-05-01T09:30:00", offset: "+07:00" } };

test("the time of a picture without EXIF time is read from XMP, as an attribute or an element, in JPEG, PNG and WebP", async () => {
  const attribute = packet(
    'xmp:CreateDate="2020-01-01T00:00:00Z" exif:DateTimeOriginal="2026-05-01T09:30:00.25+07:00"/>',
  );
  const element = packet("><photoshop:DateCreated>2026-05-01T09:30:00+07:00</photoshop:DateCreated></rdf:Description>");
  for (const text of [attribute, element]) {
    const xmp = Buffer.from(text);
    const segment = Buffer.concat([Buffer.from("http://ns.adobe.com/xap/1.0/\0"), xmp]);
    const plain = Buffer.concat([Buffer.from("XML:com.adobe.xmp\0\0\0\0\0"), xmp]);
    const packed = Buffer.concat([Buffer.from("XML:com.adobe.xmp\0\x01\0\0\0"), deflateSync(xmp)]);
    expect(await readings(Hostile.withSegments(jpeg, [segment]), "image/jpeg")).toEqual(TAKEN);
    for (const chunk of [plain, packed])
      expect(await readings(Hostile.withChunks(png, [["iTXt", chunk]]), "image/png")).toEqual(TAKEN);
    expect(await readings(Hostile.withWebpChunks(webp, EDGES, [["XMP ", xmp]]), "image/webp")).toEqual(TAKEN);
  }
  for (const date of ["2026-13-41T09:30:00", "soon", ""])
    expect(
      await readings(
        Hostile.withWebpChunks(webp, EDGES, [["XMP ", Buffer.from(packet(`xmp:CreateDate="${date}"/>`))]]),
        "image/webp",
      ),
    ).toEqual({});
});

test("EXIF data in a raw profile of a PNG is read, plain or compressed, and ignored if damaged", async () => {
  const exif = Hostile.tiff([[[0x010f, 2, 5, 8 + 2 + 12 + 4]]], [], "Acme\0");
  const digits = Buffer.concat([Buffer.from("Exif\0\0"), exif])
    .toString("hex")
    .replaceAll(/.{72}/g, "$&\n");
  const text = Buffer.from(`\nexif\n${String(exif.length + 6).padStart(8)}\n${digits}\n`);
  const keyword = Buffer.from("Raw profile type exif\0");
  for (const [type, chunk, expected] of [
    ["tEXt", Buffer.concat([keyword, text]), { camera: "Acme" }],
    [
      "zTXt",
      Buffer.concat([Buffer.from("Raw profile type APP1\0"), Buffer.alloc(1), deflateSync(text)]),
      { camera: "Acme" },
    ],
    ["zTXt", Buffer.concat([keyword, Buffer.alloc(1), Buffer.from("no deflate")]), {}],
    ["zTXt", Buffer.concat([keyword, Buffer.alloc(1), deflateSync(Buffer.alloc(20_000_000))]), {}],
    ["tEXt", Buffer.from("Comment\0exif 1234"), {}],
  ] as const)
    expect(await readings(Hostile.withChunks(png, [[type, chunk]]), "image/png")).toEqual(expected);
});

test("the number of pages and the creation time of a document are read, with and without object streams", async () => {
  const dated = (date: string) =>
    Buffer.from(
      pdf()
        .toString("latin1")
        .replace("/Root 1 0 R", "/Root 1 0 R/Info 3 0 R")
        .replace("/MediaBox[0 0 595 842]", () => `/CreationDate(${date})`.padEnd(22)),
      "latin1",
    );
  expect(await readings(pdf(), "application/pdf")).toEqual({ pages: 1 });
  expect(await readings(packedPdf(12), "application/pdf")).toEqual({ pages: 1 });
  const shifted = dated("D:20260501093000+07'00'");
  const tail = shifted.lastIndexOf("startxref");
  const start = shifted.lastIndexOf("xref\n0 5");
  const moved = Buffer.from(
    shifted
      .toString("latin1", 0, tail)
      .replaceAll(/(\d{10}) 00000 n/g, (whole, offset: string) =>
        Number(offset) < shifted.indexOf("3 0 obj") + 1
          ? whole
          : `${String(Number(offset) + (shifted.length - pdf().length - "/Info 3 0 R".length)).padStart(10, "0")} 00000 n`,
      ) + `startxref\n${start}\n%%EOF\n`,
    "latin1",
  );
  expect(await readings(moved, "application/pdf")).toEqual({ pages: 1, ...TAKEN });
});

test("time, place, camera and length of a video are read", async () => {
  const header = Buffer.alloc(100);
  const created = Date.parse("2026-05-01T02:30:00Z") / 1000 + 2_082_844_800;
  for (const [at, value] of [created, created, 600, 90_300].entries()) header.writeUInt32BE(value, 4 + at * 4);
  const keys = ["creationdate", "location.ISO6709", "make", "model"].map((name) => {
    const text = Buffer.from(`mdta com.apple.quicktime.${name}`.replace(" ", ""));
    return Buffer.concat([uint(4, text.length + 4), text]);
  });
  const values = ["2026-05-01T09:30:00+0700", "-06.9147+107.6098+700.0/", "Acme", "Phone 5"].map((text, index) =>
    box(uint(4, index + 1).toString("latin1"), box("data", 1, 0, Buffer.from(text))),
  );
  const meta = [box("hdlr", Buffer.alloc(24)), box("keys", 0, 4, ...keys), box("ilst", ...values)];
  const place = Buffer.from("-06.9147+107.6098/");
  const within = (...boxes: Buffer[]) => {
    const file = mp4(110_000, { brands: "qt  \0\0\0\0qt  " });
    const movie = file.subarray(file.lastIndexOf("moov") + 4);
    const rest = movie.subarray(108);
    return Buffer.concat([
      file.subarray(0, file.lastIndexOf("moov") - 4),
      box("moov", box("mvhd", header), rest, ...boxes),
    ]);
  };
  const where = { place: { lat: -6.9147, lon: 107.6098 }, durationSeconds: 150.5 };
  const apple = { ...TAKEN, ...where, camera: "Acme Phone 5" };
  expect(await readings(within(box("meta", ...meta)), "video/quicktime")).toEqual(apple);
  expect(await readings(within(box("meta", 0, ...meta)), "video/quicktime")).toEqual(apple);
  const android = within(box("udta", box("\xa9xyz", uint(2, place.length), uint(2, 0x15c7), place)));
  const taken = { taken: { local: "2026-05-01T02:30:00", offset: undefined }, mayBeUtc: true };
  expect(await readings(android, "video/quicktime")).toEqual({ ...taken, ...where });
  expect(await readings(within(box("meta", box("keys", 0, 0xffffffff), box("ilst", 7, 7))), "video/quicktime")).toEqual(
    {
      ...taken,
      durationSeconds: 150.5,
    },
  );
});

test("a video's time matches the claimed time of its beginning if its length explains the difference, in UTC or local time", () => {
  const claimed = new Date("2026-05-01T02:28:00Z");
  const places = [{ lat: -6.9, lon: 107.6 }];
  const codes = (local: string, durationSeconds: number) =>
    timeFindings(claimed, { taken: { local }, mayBeUtc: true, durationSeconds }, places).map(({ code }) => code);
  expect(codes("2026-05-01T02:30:00", 150)).toEqual([]);
  expect(codes("2026-05-01T09:30:00", 150)).toEqual([]);
  expect(codes("2026-05-01T02:30:00", 30)).toEqual(["exif_time"]);
  expect(codes("2026-04-30T02:30:00", 150)).toEqual(["exif_time"]);
});

import { randomBytes } from "node:crypto";

/** Files as phones and programs write them, as small as they can be, each unlike any other. */

/** A page without anything on it, and `fill` bytes of a stream. */
export function pdf(fill = 12_000): Buffer {
  const objects = [
    Buffer.from("<</Type/Catalog/Pages 2 0 R>>"),
    Buffer.from("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
    Buffer.from("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"),
    Buffer.concat([Buffer.from(`<</Length ${fill}>>stream\n`), randomBytes(fill), Buffer.from("\nendstream")]),
  ];
  let file = Buffer.from("%PDF-1.7\n%\u00e2\u00e3\n");
  const entries = objects.map((object, index) => {
    const at = file.length;
    file = Buffer.concat([file, Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from("\nendobj\n")]);
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 5\n0000000000 65535 f \n${entries.join("")}trailer\n<</Size 5/Root 1 0 R>>\n`;
  return Buffer.concat([file, Buffer.from(`${table}startxref\n${file.length}\n%%EOF\n`)]);
}

type Part = Buffer | string | number;
/** Numbers are 32 bits. */
const bytesOf = (part: Part) =>
  typeof part === "number" ? uint(4, part) : typeof part === "string" ? Buffer.from(part, "latin1") : part;

function uint(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

/** A box of an ISO media file, its length in 32 bits. */
export function box(type: string, ...parts: readonly Part[]): Buffer {
  const content = Buffer.concat(parts.map(bytesOf));
  return Buffer.concat([uint(4, content.length + 8), Buffer.from(type, "latin1"), content]);
}

/** A video of one track whose samples are `fill` bytes. */
export function mp4(fill = 110_000): Buffer {
  const samples = box(
    "stbl",
    box("stsd", 0, 0),
    box("stts", 0, 0),
    box("stsc", 0, 0),
    box("stsz", 0, 0, 0),
    box("stco", 0, 0),
  );
  const media = box("mdia", box("mdhd", Buffer.alloc(24)), box("minf", box("vmhd", Buffer.alloc(12)), samples));
  const movie = box("moov", box("mvhd", Buffer.alloc(100)), box("trak", box("tkhd", Buffer.alloc(84)), media));
  return Buffer.concat([box("ftyp", "isom", 512, "isomiso2avc1mp41"), box("mdat", randomBytes(fill)), movie]);
}

/** A picture of one HEVC item of `fill` bytes. @param places what says where its bytes are, instead of the truth */
export function heic({
  width = 800,
  height = 600,
  brands = "heic\0\0\0\0mif1heic",
  fill = 60_000,
  places,
}: Heic = {}): Buffer {
  const decoder = Buffer.from("0101600000009000000000005af000fcfdf8f800000f00", "hex");
  const properties = box("ipco", box("hvcC", decoder), box("ispe", 0, width, height));
  const links = box("ipma", 0, 1, uint(2, 1), uint(1, 2), uint(1, 0x81), uint(1, 2));
  const items = box("iinf", 0, uint(2, 1), box("infe", 0x02000000, uint(2, 1), uint(2, 0), "hvc1\0"));
  const type = box("ftyp", brands);
  const meta = (at: number) =>
    box(
      "meta",
      0,
      box("hdlr", 0, 0, "pict", Buffer.alloc(13)),
      box("pitm", 0, uint(2, 1)),
      places ?? box("iloc", 0, uint(2, 0x4400), uint(2, 1), uint(2, 1), uint(2, 0), uint(2, 1), at, fill),
      items,
      box("idat", Buffer.alloc(8)),
      box("iprp", properties, links),
    );
  return Buffer.concat([type, meta(type.length + meta(0).length + 8), box("mdat", randomBytes(fill))]);
}

interface Heic {
  readonly width?: number;
  readonly height?: number;
  readonly brands?: string;
  readonly fill?: number;
  readonly places?: Buffer;
}

import { box, mp4, pdf } from "../../harness/files.ts";
import { quickTime, with64BitMedia } from "../../harness/phone-files.ts";
import type { OddFile } from "./odd.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");

/** The same video with offsets of 64 bits. */
function withLongOffsets(video: Buffer): Buffer {
  const at = video.lastIndexOf("stco") - 4;
  const offset = video.readUInt32BE(at + 16);
  const long = box("co64", 0, 1, 0, offset);
  const grown = long.length - video.readUInt32BE(at);
  const copy = Buffer.concat([video.subarray(0, at), long, video.subarray(at + video.readUInt32BE(at))]);
  for (const name of ["moov", "trak", "mdia", "minf", "stbl"]) {
    const parent = copy.lastIndexOf(name) - 4;
    copy.writeUInt32BE(copy.readUInt32BE(parent) + grown, parent);
  }
  return copy;
}

/** Returns the same video with boxes added at the end of the given parent boxes, such as its movie and its track. */
function withBoxes(video: Buffer, parents: readonly string[], ...added: readonly Buffer[]): Buffer {
  const more = Buffer.concat(added);
  const copy = Buffer.concat([video, more]);
  for (const name of parents) {
    const parent = copy.lastIndexOf(name) - 4;
    copy.writeUInt32BE(copy.readUInt32BE(parent) + more.length, parent);
  }
  return copy;
}

export function oddVideos(): OddFile[] {
  const asMp4 = { contentType: "video/mp4" } as const;
  const asMov = { contentType: "video/quicktime" } as const;
  const sound = box(
    "trak",
    box("tkhd", Buffer.alloc(84)),
    box(
      "mdia",
      box("mdhd", Buffer.alloc(24)),
      box("hdlr", 0, 0, "soun", Buffer.alloc(13)),
      box(
        "minf",
        box("smhd", Buffer.alloc(8)),
        box(
          "stbl",
          box("stsd", 0, 1, box("mp4a", Buffer.alloc(28))),
          box("stts", 0, 0),
          box("stsc", 0, 0),
          box("stsz", 0, 0, 0),
          box("stco", 0, 0),
        ),
      ),
    ),
  );
  const video = mp4();
  const movie = video.lastIndexOf("moov") - 4;
  const edits = box("edts", box("elst", 0, 1, 0, 0, 0x10000));
  const first = Buffer.concat([video.subarray(0, movie)]);
  const audio = Buffer.concat([first, box("moov", box("mvhd", Buffer.alloc(100)), sound)]);
  return [
    { ...asMp4, name: "offsets of 64 bits", bytes: withLongOffsets(video), readings: {} },
    { ...asMp4, name: "an edit list", bytes: withBoxes(video, ["moov", "trak"], edits), readings: {} },
    { ...asMp4, name: "sound", bytes: withBoxes(video, ["moov"], sound), readings: {} },
    { ...asMp4, name: "sound alone", bytes: audio, readings: undefined, detail: "only sound" },
    {
      ...asMp4,
      name: "free and unknown boxes",
      bytes: Buffer.concat([video, box("free", Buffer.alloc(1_000)), box("uuid", Buffer.alloc(1_000))]),
      readings: {},
    },
    {
      ...asMov,
      name: "ProRes",
      bytes: latin1(quickTime().toString("latin1").replaceAll("hvc1", "apcn")),
      readings: undefined,
      detail: "in a format that is not supported",
    },
    { ...asMov, name: "a wide box", bytes: with64BitMedia(quickTime()), readings: {} },
    {
      ...asMov,
      name: "a compressed movie",
      bytes: Buffer.concat([first, box("moov", box("cmov", box("dcom", "zlib"), box("cmvd", 100)))]),
      readings: undefined,
    },
  ];
}

/**
 * A linearised PDF, which a viewer can display while it loads: the cross-reference table of the first page comes before
 * the objects, and refers to the other table at the end of the file.
 */
function linearised(): Buffer {
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R>>",
  ];
  const start = "%PDF-1.7\n";
  const padding = `4 0 obj\n<</Length 12000>>\nstream\n${" ".repeat(12_000)}\nendstream\nendobj\n`;
  const head = (offsets: readonly number[], last: number) =>
    `xref\n1 3\n${offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("")}trailer\n<</Size 5/Root 1 0 R/Prev ${String(last).padStart(10, "0")}>>\nstartxref\n0\n%%EOF\n`;
  const offsets: number[] = [];
  let body = "";
  for (const [index, object] of objects.entries()) {
    offsets.push(start.length + head([0, 0, 0], 0).length + body.length);
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
  }
  const at = start.length + head(offsets, 0).length + body.length;
  const last = at + padding.length;
  const table = `xref\n0 1\n0000000000 65535 f \n4 1\n${String(at).padStart(10, "0")} 00000 n \ntrailer\n<</Size 5>>\n`;
  return latin1(`${start}${head(offsets, last)}${body}${padding}${table}startxref\n${start.length}\n%%EOF\n`);
}

export function oddDocuments(): OddFile[] {
  const asPdf = { contentType: "application/pdf" } as const;
  const file = pdf();
  const start = Number(/startxref\n(\d+)/.exec(file.toString("latin1"))?.[1]);
  /** Appends objects as an editor does: a table with the new objects that refers to the former table. */
  const updated = (base: Buffer, previous: number, objects: Readonly<Record<number, string>>, rest = "") => {
    let end = base;
    const rows = Object.entries(objects).map(([id, content]) => {
      const at = end.length;
      end = Buffer.concat([end, latin1(`${id} 0 obj\n${content}\nendobj\n`)]);
      return `${id} 1\n${String(at).padStart(10, "0")} 00000 n \n`;
    });
    return Buffer.concat([
      end,
      latin1(
        `xref\n${rows.join("")}trailer\n<</Size 9/Root 1 0 R/Prev ${previous}${rest}>>\nstartxref\n${end.length}\n%%EOF\n`,
      ),
    ]);
  };
  const pages = "<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>";
  const page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>";
  const once = updated(file, start, { 2: pages, 5: page });
  return [
    { ...asPdf, name: "an incremental update", bytes: once, readings: { pages: 2 } },
    {
      ...asPdf,
      name: "information that was added",
      bytes: updated(
        once,
        once.lastIndexOf("xref\n2"),
        { 6: "<</CreationDate(D:20260501093000+07'00')/Producer(Pencetak)>>" },
        "/Info 6 0 R",
      ),
      readings: { pages: 2, taken: { local: "2026-05-01T09:30:00", offset: "+07:00" } },
    },
    {
      ...asPdf,
      name: "a script",
      bytes: updated(file, start, { 1: "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>" }),
      readings: { pages: 1 },
    },
    {
      ...asPdf,
      name: "a program to launch",
      bytes: updated(file, start, { 1: "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(cmd.exe)>>>>" }),
      readings: { pages: 1 },
    },
    {
      ...asPdf,
      name: "a table that refers to itself",
      bytes: updated(file, file.length + 9, { 2: pages, 5: page }),
      readings: undefined,
    },
    {
      ...asPdf,
      name: "line ends of CR",
      bytes: latin1(
        file.toString("latin1").replace(/xref[^]*$/, (end) => end.replaceAll(" \n", " \r").replaceAll("\n", "\r")),
      ),
      readings: { pages: 1 },
    },
    { ...asPdf, name: "linearised, its first table before its objects", bytes: linearised(), readings: { pages: 1 } },
  ];
}

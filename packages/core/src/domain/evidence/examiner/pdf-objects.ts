import { constants, inflateSync } from "node:zlib";
import { encrypted } from "./refusal.ts";

/** Upper limit of an object without a stream; only lists of thousands of pages are longer. */
const OBJECT_BYTES = 65_536;
const MOST_TABLES = 200;
/** Upper limit of objects, and of entries in all tables together: a file may refer to one long table from many places. */
const MOST_ENTRIES = 500_000;
const MOST_INFLATED_BYTES = 33_554_432;

/** Where an object is: at an offset in the file, or in the object stream of this number. */
type Place = { readonly offset: number } | { readonly stream: number };

/** The objects of a PDF, which its cross-reference tables locate (ISO 32000-2 §7.5). */
export class PdfObjects {
  readonly #file: Buffer;
  readonly #places = new Map<number, Place>();
  /** Object number of the document's catalog. */
  root: number | undefined;
  /** Object number of the document's information dictionary. */
  info: number | undefined;
  #inflated = 0;
  #entries = 0;

  constructor(file: Buffer) {
    this.#file = file;
  }

  /** Reads a cross-reference table and all earlier tables; later tables override earlier ones. */
  readTables(first: number): void {
    const [waiting, visited] = [[first], new Set<number>()];
    for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
      if (visited.has(at) || visited.size >= MOST_TABLES) continue;
      visited.add(at);
      const isPlain = /^\s*xref\s/.test(this.#text(at, 40));
      const trailer = isPlain ? this.#readPlainTable(at) : this.#readTableStream(at);
      if (/\/Encrypt\s*(<<|\d{1,10}\s+\d{1,5}\s+R)/.test(trailer)) throw encrypted("document");
      this.root ??= reference(trailer, "Root");
      this.info ??= reference(trailer, "Info");
      for (const name of ["XRefStm", "Prev"]) {
        const next = new RegExp(`/${name}\\s+(\\d{1,10})`).exec(trailer)?.[1];
        if (next !== undefined) waiting.push(Number(next));
      }
    }
    if (this.#places.size === 0 || this.root === undefined) throw new Error("a table without objects");
  }

  /**
   * Reads a cross-reference table in plain form (§7.5.4).
   * @returns the trailer
   */
  #readPlainTable(start: number): string {
    let at = start + (/^\s*xref\s+/.exec(this.#text(start, 60))?.[0].length ?? 0);
    for (;;) {
      const [head, first, count] = /^\s*(\d{1,10})\s+(\d{1,10})\s+(?=\d)/.exec(this.#text(at, 60)) ?? [];
      if (head === undefined) break;
      at += head.length;
      for (let index = 0; index < Number(count); index += 1) {
        const [entry, offset, use] = /^\s*(\d{10}) \d{5} ([nf])\s{0,2}/.exec(this.#text(at, 24)) ?? [];
        if (entry === undefined) throw new Error("a truncated table");
        this.#count();
        if (use === "n") this.#put(Number(first) + index, { offset: Number(offset) });
        at += entry.length;
      }
    }
    const trailer = this.#text(at, OBJECT_BYTES);
    return /^\s*trailer\b/.test(trailer) ? (trailer.split("startxref", 1)[0] ?? "") : "";
  }

  /**
   * Reads a cross-reference stream (§7.5.8).
   * @returns its dictionary
   */
  #readTableStream(at: number): string {
    const { dictionary, content } = this.#stream(at);
    const widths = numbersIn(dictionary, "W");
    const row = widths.reduce((sum, width) => sum + width, 0);
    if (!/\/Type\s*\/XRef\b/.test(dictionary) || widths.length !== 3 || row === 0 || widths.some((width) => width > 8))
      throw new Error("no table of objects");
    const index = numbersIn(dictionary, "Index");
    const numbers = (index.length > 0 ? index : [0, Math.floor(content.length / row)]).values();
    let position = 0;
    for (const first of numbers) {
      const count = numbers.next().value ?? 0;
      for (let each = 0; each < count && position + row <= content.length; each += 1, position += row) {
        this.#count();
        const [kind, value] = fields(content.subarray(position, position + row), widths);
        if (kind === 1) this.#put(first + each, { offset: value });
        if (kind === 2) this.#put(first + each, { stream: value });
      }
    }
    return dictionary;
  }

  /**
   * Counts one more entry of a table.
   * @throws Error above {@link MOST_ENTRIES}
   */
  #count(): void {
    if (++this.#entries > MOST_ENTRIES) throw new Error("more objects than a document has");
  }

  #put(id: number, place: Place): void {
    if (!this.#places.has(id)) this.#places.set(id, place);
  }

  /**
   * The source of an object, without stream content.
   * @throws Error when the cross-reference table has no entry for the object, or a wrong one
   */
  object(id: number): string {
    const place = this.#places.get(id);
    if (place && "stream" in place) return this.#packed(id, place.stream);
    if (!place) throw new Error("an object that the table does not name");
    return this.#plain(id, place.offset);
  }

  #plain(id: number, offset: number): string {
    const text = this.#text(offset, OBJECT_BYTES);
    if (numberIn(/^\s{0,10}(\d{1,10})\s+\d{1,5}\s+obj\b/.exec(text)) !== id)
      throw new Error("no object where the table says");
    return text.split(/\bendobj\b|\bstream\b/, 1)[0] ?? "";
  }

  /** The source of an object in an object stream (§7.5.7). */
  #packed(id: number, streamId: number): string {
    const place = this.#places.get(streamId);
    if (!place || !("offset" in place)) throw new Error("an object stream without an offset");
    this.#plain(streamId, place.offset);
    const { dictionary, content } = this.#stream(place.offset);
    const first = numberIn(/\/First\s+(\d{1,10})/.exec(dictionary)) ?? 0;
    const head = content.toString("latin1", 0, Math.min(first, OBJECT_BYTES)).trim().split(/\s+/).map(Number);
    const index = head.findIndex((number, at) => at % 2 === 0 && number === id);
    const offset = head[index + 1];
    if (index < 0 || offset === undefined) throw new Error("an object that is not in its stream");
    return content.toString(
      "latin1",
      first + offset,
      first + Math.min(head[index + 3] ?? Infinity, offset + OBJECT_BYTES),
    );
  }

  #stream(at: number): { dictionary: string; content: Buffer } {
    const text = this.#text(at, OBJECT_BYTES);
    const [dictionary] = /^\s{0,10}\d{1,10}\s+\d{1,5}\s+obj\b[^]*?\bstream\r?\n/.exec(text) ?? [];
    if (dictionary === undefined) throw new Error("no stream");
    const start = at + dictionary.length;
    const packed = this.#file.subarray(start, this.#file.indexOf("endstream", start));
    const content = /\/FlateDecode\b/.test(dictionary) ? this.#inflate(packed) : packed;
    const predictor = numberIn(/\/Predictor\s+(\d{1,3})/.exec(dictionary)) ?? 1;
    const columns = numberIn(/\/Columns\s+(\d{1,5})/.exec(dictionary)) ?? 1;
    return { dictionary, content: predictor < 10 ? content : withoutPredictor(content, columns) };
  }

  #inflate(packed: Buffer): Buffer {
    const maxOutputLength = MOST_INFLATED_BYTES - this.#inflated;
    const content = inflateSync(packed, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
    this.#inflated += content.length;
    return content;
  }

  #text(start: number, length: number): string {
    return this.#file.toString("latin1", start, start + length);
  }
}

/** The number that the first group of a pattern matches. */
export const numberIn = (match: RegExpExecArray | null) => (match?.[1] === undefined ? undefined : Number(match[1]));
/** The number of the object to which an entry of a dictionary refers. */
export const reference = (text: string, name: string) =>
  numberIn(new RegExp(`/${name}\\s+(\\d{1,10})\\s+\\d{1,5}\\s+R`).exec(text));
const numbersIn = (text: string, name: string) =>
  (new RegExp(`/${name}\\s*\\[([\\d\\s]*)\\]`).exec(text)?.[1] ?? "").split(/\s+/).filter(Boolean).map(Number);

/** Kind and value of an entry in a cross-reference stream; the default kind is 1. */
function fields(entry: Buffer, [kindWidth = 0, valueWidth = 0]: readonly number[]): [kind: number, value: number] {
  const uint = (start: number, width: number) =>
    entry.subarray(start, start + width).reduce((sum, byte) => sum * 256 + byte, 0);
  return [kindWidth === 0 ? 1 : uint(0, kindWidth), uint(kindWidth, valueWidth)];
}

/**
 * Reverses PNG's filters None, Sub and Up for one byte per sample; no program writes cross-reference streams with the
 * other filters (PNG, third edition, §9.2).
 */
function withoutPredictor(content: Buffer, columns: number): Buffer {
  const rows = Math.floor(content.length / (columns + 1));
  const plain = Buffer.alloc(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    const filter = content.readUInt8(row * (columns + 1));
    if (filter > 2) throw new Error("an unknown filter");
    for (let column = 0; column < columns; column += 1) {
      const at = row * columns + column;
      const base = filter === 0 ? undefined : plain[filter === 2 ? at - columns : column > 0 ? at - 1 : -1];
      plain[at] = (content[row * (columns + 1) + 1 + column] ?? 0) + (base ?? 0);
    }
  }
  return plain;
}

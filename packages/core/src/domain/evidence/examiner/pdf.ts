import { pdfStart } from "./file-type.ts";
import { PdfObjects, numberIn, reference } from "./pdf-objects.ts";
import { Refusal } from "./refusal.ts";
import type { Exif } from "./result.ts";
import { type OwnTime, pdfTimeIn } from "./time.ts";

/**
 * Number of bytes at the end of the file to search: readers look for the end marker in the last 1,024 bytes; the
 * position of the table is just before it.
 */
const TAIL_BYTES = 1100;
/** Upper limit of the depth of the tree of pages, which is usually about the logarithm of their number. */
const MOST_DEPTH = 50;

/**
 * Reads the number of a document's pages and its creation time.
 * @throws Error unless it is a PDF (ISO 32000-2 §7.5): a header, an end that points to the cross-reference table, and
 * in that table a catalog from which a page can be reached; Refusal ENCRYPTED
 */
export function openPdf(file: Buffer): Exif {
  const start = pdfStart(file);
  if (start <= 0) return openDocument(file);
  // Tries offsets from the header first, as most programs count them, then offsets from the first byte of the file.
  try {
    return openDocument(file.subarray(start));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    return openDocument(file, start);
  }
}

function openDocument(file: Buffer, header = 0): Exif {
  if (!/^%PDF-[12]\.\d/.test(file.toString("latin1", header, header + 8))) throw new Error("no header");
  const tail = file.toString("latin1", Math.max(0, file.length - TAIL_BYTES));
  const [, start] = /^startxref\s+(\d{1,10})\s+%%EOF/.exec(tail.slice(tail.lastIndexOf("startxref"))) ?? [];
  if (start === undefined) throw new Error("no end");
  const objects = new PdfObjects(file);
  objects.readTables(Number(start));
  const pages = findPage(objects);
  const taken = created(objects);
  return { pages, ...(taken ? { taken } : {}) };
}

/** The creation time in the document's information dictionary (§14.3.3). */
function created(objects: PdfObjects): OwnTime | undefined {
  try {
    if (objects.info === undefined) return undefined;
    return pdfTimeIn(/\/CreationDate\s*\(([^)]{0,100})/.exec(objects.object(objects.info))?.[1] ?? "");
  } catch {
    return undefined; // the information dictionary is optional
  }
}

/**
 * Follows the page tree from the catalog to the first page.
 * @returns the stated number of pages, at least 1
 */
function findPage(objects: PdfObjects): number {
  let count = 1;
  const pages = reference(objects.object(objects.root ?? 0), "Pages");
  let next = pages;
  for (let depth = 0; next !== undefined && depth < MOST_DEPTH; depth += 1) {
    const node = objects.object(next);
    if (depth === 0) count = Math.max(1, numberIn(/\/Count\s+(\d{1,7})/.exec(node)) ?? 1);
    if (!node.includes("/Kids")) {
      if (/\/Type\s*\/Page(?!s)/.test(node) || /\/(Contents|MediaBox|Resources)\b/.test(node)) return count;
      break;
    }
    const list = reference(node, "Kids");
    const kids = list === undefined ? node.slice(node.indexOf("/Kids") + 5) : objects.object(list);
    next = numberIn(/^[^[\]]{0,40}\[\s*(\d{1,10})\s+\d{1,5}\s+R/.exec(kids));
  }
  throw new Error("a document without pages");
}

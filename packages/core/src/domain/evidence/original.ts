import { readContentCredentials } from "./examiner/content-credentials.ts";
import { readFacts } from "./examiner/facts.ts";
import { fileTypeOf } from "./examiner/file-type.ts";
import { openHeic } from "./examiner/heic.ts";
import { toReadings } from "./readings.ts";
import type { Details } from "./schema.ts";

interface OriginalReadings {
  /** The type according to the file's bytes. */
  readonly contentType: string;
  readonly readings: Details["file"];
}

/**
 * Trusted authorities of content credentials: none, since an outsider does not know which authorities the platform
 * trusts.
 */
const NO_ANCHORS = "";

/**
 * Reads an original file as the examiner does, for an outsider who compares the file with a proof. Decodes no pixels,
 * so that it also runs where there is no decoder.
 * @throws Error, with a sentence for a refused file, when the file cannot be read
 */
export async function readOriginal(bytes: ArrayBuffer): Promise<OriginalReadings> {
  const file = Buffer.from(bytes);
  const { contentType, name } = fileTypeOf(file);
  if (contentType === undefined) throw new Error(`The file is ${name}.`);
  const facts = readFacts(file, contentType);
  const isSequence = contentType === "image/heic" && openHeic(file).isSequence;
  // The examiner reads content credentials only of pictures that it decodes, and it decodes no sequences.
  const isDecoded = contentType.startsWith("image/") && !isSequence;
  const contentCredentials = isDecoded ? await readContentCredentials(file, NO_ANCHORS) : undefined;
  return { contentType, readings: toReadings({ ...facts, ...(contentCredentials ? { contentCredentials } : {}) }) };
}

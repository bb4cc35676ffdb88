import { type Fields, canonical, fieldsOf, listOf } from "./proof-fields.ts";
import type { ProofOptions, ProofProblem, ProofReport } from "./proof.ts";
import { sha256 } from "./wire.ts";

type Original = NonNullable<ProofOptions["originals"]>[number];
type Evidence = readonly [index: number, link: Fields];

/** The statuses of a piece whose file was examined and not refused. */
const EXAMINED = ["accepted", "awaiting_consent"];

/**
 * Finds the piece of evidence of each original file, and compares the signed description of that piece with the file.
 */
export async function checkOriginals(
  bundle: Fields,
  links: readonly Fields[],
  { originals: given = [], readingsOf }: ProofOptions,
): Promise<Pick<ProofReport, "problems" | "originals">> {
  const problems: ProofProblem[] = [];
  const withFile = [...links.entries()].filter(
    ([, { kind, body }]) => kind === "evidence" && sha256Of(body) !== undefined,
  );
  const found = await Promise.all(
    given.map(async (original) => {
      const hash = await sha256(original.bytes);
      return { original, pieces: withFile.filter(([, { body }]) => sha256Of(body) === hash) };
    }),
  );
  const known = found.flatMap(({ pieces }) => pieces);
  const open = withFile.filter((piece) => !known.includes(piece));
  const originals: ProofReport["originals"][number][] = [];
  for (const { original, pieces } of found) {
    if (pieces.length === 0) problems.push(unknownOriginal(original.name, open));
    let isCompared = false;
    for (const piece of pieces) {
      const compared = await compare(original, piece, detailsOf(bundle, piece), readingsOf);
      for (const difference of compared.differences) problems.push(problemOf(piece, original, difference));
      isCompared ||= compared.isCompared;
    }
    const [id] = pieces.map(([, link]) => String(link["id"]));
    originals.push({ name: original.name, evidenceId: id, isCompared });
  }
  return { problems, originals };
}

const fileOf = (body: unknown): Fields => fieldsOf(fieldsOf(body)["file"]);
const sha256Of = (body: unknown) => fileOf(body)["sha256"];

/** The disclosed details of a piece; undefined when the proof does not disclose them to its reader. */
function detailsOf(bundle: Fields, [index]: Evidence): Fields | undefined {
  const disclosures = listOf(bundle["disclosures"]).map(fieldsOf);
  const own = disclosures.find(({ link, name }) => link === index && name === "details");
  return own && fieldsOf(own["value"]);
}

/** A difference between the proof and the file, as the end of a sentence. */
type Difference = string;

/**
 * Compares the original file with the proof: the size and the type that the link contains, and the metadata, if the
 * proof discloses it.
 */
async function compare(
  { bytes }: Original,
  [, { body }]: Evidence,
  details: Fields | undefined,
  readingsOf: ProofOptions["readingsOf"],
): Promise<{ readonly differences: readonly Difference[]; readonly isCompared: boolean }> {
  const file = fileOf(body);
  const { status, erased_at } = fieldsOf(body);
  const differences = difference("size_bytes", file["size_bytes"], bytes.byteLength);
  const signed = details?.["file"] ?? null;
  const isExamined = EXAMINED.includes(String(status)) && erased_at === null;
  if (!readingsOf || (signed === null && !isExamined)) return { differences, isCompared: false };
  try {
    const { contentType, readings } = await readingsOf(bytes);
    const own = [...differences, ...difference("content_type", file["content_type"], contentType)];
    if (details === undefined) return { differences: own, isCompared: false };
    return { differences: [...own, ...readingDifferences(fieldsOf(signed), fieldsOf(readings))], isCompared: true };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { differences: [...differences, `the file cannot be read: ${reason}`], isCompared: details !== undefined };
  }
}

/**
 * Compares the file's metadata field by field. Ignores whether the signer of content credentials was trusted, which
 * depends on the platform's trusted authorities at the time of the examination.
 */
function readingDifferences(signed: Fields, read: Fields): Difference[] {
  const comparable = (name: string, value: unknown): unknown =>
    name === "content_credentials" && value ? { ...fieldsOf(value), trust: undefined } : (value ?? null);
  return Object.keys(read).flatMap((name) =>
    difference(name, comparable(name, signed[name]), comparable(name, read[name])),
  );
}

function difference(name: string, signed: unknown, read: unknown): Difference[] {
  const [inProof, inFile] = [canonical(signed), canonical(read)];
  return inProof === inFile ? [] : [`${name} is ${inProof} in the proof and ${inFile} in the file`];
}

function problemOf([link, { id }]: Evidence, { name }: Original, what: Difference): ProofProblem {
  const message = `Link ${link} (evidence ${String(id)}) differs from ${name}: ${what}.`;
  return { code: "READING_DIFFERS", link, message };
}

/**
 * The problem of a given file whose hash is in no link. Names a link only if exactly one link still lacks its file:
 * then the given file must have been meant for that link.
 */
function unknownOriginal(name: string, open: readonly Evidence[]): ProofProblem {
  const code = "ORIGINAL_UNKNOWN";
  const [only] = open;
  if (open.length !== 1 || only === undefined) return { code, message: `${name} is no file of this contribution.` };
  const [link, { id }] = only;
  const message = `${name} is not the file of link ${link} (evidence ${String(id)}): its SHA-256 differs.`;
  return { code, link, message };
}

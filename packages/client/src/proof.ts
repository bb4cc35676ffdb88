import { type Fields, canonical, digest, fieldsOf, listOf } from "./proof-fields.ts";
import { checkOriginals } from "./proof-originals.ts";
import { sha256 } from "./wire.ts";

/** A problem of a proof, and its place. */
export interface ProofProblem {
  readonly code:
    | "MALFORMED"
    | "OTHER_CONTRIBUTION"
    | "LINK_CHANGED"
    | "LINK_MISPLACED"
    | "SIGNATURE_INVALID"
    | "KEY_UNKNOWN"
    | "NOT_IN_TREE"
    | "ROOT_SIGNATURE_INVALID"
    | "ROOT_DIFFERS"
    | "DISCLOSURE_CHANGED"
    | "ORIGINAL_UNKNOWN"
    | "READING_DIFFERS";
  /** The index of the broken link in `links`; undefined when the problem does not concern a link. */
  readonly link?: number;
  readonly message: string;
}

export interface ProofReport {
  readonly isValid: boolean;
  /** The contribution that the proof is about; undefined for a file that is not a proof. */
  readonly contributionId?: string;
  readonly problems: readonly ProofProblem[];
  /**
   * Whether the key of the proof is among the given keys. If no keys are given, the signature does not show that the
   * platform made the proof: any key could have signed it.
   */
  readonly isKeyKnown: boolean;
  /** When the links became part of a signed tree; undefined before that. */
  readonly sealedAt?: string;
  readonly links: number;
  /** For each given original, the id of the piece of evidence with this file. */
  readonly originals: readonly {
    readonly name: string;
    readonly evidenceId: string | undefined;
    /** Whether the file's metadata in the proof was compared with the metadata in the original file. */
    readonly isCompared: boolean;
  }[];
}

export interface ProofOptions {
  /** The contribution that the proof must be about. */
  readonly contributionId?: string;
  /** The original files of the evidence. */
  readonly originals?: readonly { readonly name: string; readonly bytes: ArrayBuffer }[];
  /**
   * Reads the metadata of an original file, in the form of `details.file` of a piece of evidence, to compare it with
   * the proof. Throws when the file cannot be read. Without this function, only the size is compared. `gotong verify`
   * passes such a function.
   */
  readonly readingsOf?: (bytes: ArrayBuffer) => Promise<{ readonly contentType: string; readonly readings: unknown }>;
  /** The public keys to trust: a response of `/.well-known/gotong-proof-keys.json` that was stored earlier. */
  readonly keys?: unknown;
  /**
   * Roots from the bucket, or from proofs that were stored earlier. A root in the proof must equal the root with the
   * same number here.
   */
  readonly roots?: readonly unknown[];
}

const FIRST = "0".repeat(64);

/**
 * Checks a proof of a contribution (`getProof`) without a network: its chain of hashes, its signature, its place in the
 * tree, its disclosed values, and the given original files with their metadata. Never throws: a file that is not a
 * proof has the problem `MALFORMED`. Needs Ed25519 in Web Crypto: Node 20, and browsers from 2025 on.
 */
export async function verifyProof(proof: unknown, options: ProofOptions = {}): Promise<ProofReport> {
  const problems: ProofProblem[] = [];
  const bundle = fieldsOf(proof);
  const links = listOf(bundle["links"]).map(fieldsOf);
  const found = (code: ProofProblem["code"], message: string, link?: number) =>
    problems.push({ code, message, ...(link === undefined ? {} : { link }) });
  const report = (rest: Partial<ProofReport> = {}): ProofReport => ({
    isValid: problems.length === 0,
    problems,
    isKeyKnown: false,
    links: links.length,
    originals: [],
    ...rest,
  });
  const contributionId = bundle["contribution_id"];
  if (bundle["format"] !== "gotong-proof/1" || typeof contributionId !== "string" || links.length === 0) {
    found("MALFORMED", "This is no proof of a contribution.");
    return report();
  }
  if (options.contributionId !== undefined && options.contributionId !== contributionId)
    found("OTHER_CONTRIBUTION", `This proof is about the contribution ${contributionId}.`);
  for (const name of unsignedFields(bundle)) found("MALFORMED", `${name} is no field of a proof: nothing signs it.`);
  for (const problem of await brokenLinks(links, bundle)) problems.push(problem);
  const key = fieldsOf(bundle["key"]);
  const signed = {
    format: bundle["format"],
    contribution_id: bundle["contribution_id"],
    made_at: bundle["made_at"],
    sealed_links: bundle["sealed_links"],
    head: links.at(-1)?.["hash"],
  };
  if (
    !(await isSigned(signed, bundle["signature"], key["public_key"])) ||
    !(await isIdOf(key["id"], key["public_key"]))
  )
    found("SIGNATURE_INVALID", "The signature is not that of the key in the proof.");
  const known = options.keys === undefined ? undefined : keysOf(options.keys);
  if (known && !known.has(String(key["public_key"])))
    found("KEY_UNKNOWN", `The key ${String(key["id"])} is none of the given keys.`);
  const tree = await treeProblems(bundle, links, known, options.roots ?? []);
  for (const problem of tree.problems) problems.push(problem);
  for (const problem of await changedDisclosures(bundle, links)) problems.push(problem);
  const { problems: ofOriginals, originals } = await checkOriginals(bundle, links, options);
  for (const problem of ofOriginals) problems.push(problem);
  return report({
    contributionId,
    isKeyKnown: known?.has(String(key["public_key"])) === true,
    originals,
    ...(tree.sealedAt === undefined ? {} : { sealedAt: tree.sealedAt }),
  });
}

const FIELDS = [
  "format",
  "contribution_id",
  "made_at",
  "links",
  "sealed_links",
  "key",
  "signature",
  "inclusion",
  "disclosures",
  "disclosures_omitted",
];

/**
 * The names of added fields that no hash covers. Links and roots need no such check: their hashes and signatures cover
 * all their fields.
 */
function unsignedFields(bundle: Fields): string[] {
  const others = (value: unknown, known: readonly string[], place = "") =>
    Object.keys(fieldsOf(value))
      .filter((name) => !known.includes(name))
      .map((name) => `${place}${name}`);
  return [
    ...others(bundle, FIELDS),
    ...others(bundle["key"], ["id", "public_key"], "key."),
    ...others(bundle["inclusion"], ["position", "path", "root", "root_key"], "inclusion."),
    ...listOf(bundle["disclosures"]).flatMap((each, index) =>
      others(each, ["link", "name", "salt", "value"], `disclosures.${index}.`),
    ),
  ];
}

/** Finds links that were changed, left out, added or moved. */
async function brokenLinks(links: readonly Fields[], bundle: Fields): Promise<ProofProblem[]> {
  const problems: ProofProblem[] = [];
  let previous = FIRST;
  for (const [link, { hash, ...content }] of links.entries()) {
    const name = `Link ${link} (${String(content["kind"])} ${String(content["id"])})`;
    if (content["previous"] !== previous)
      problems.push({ code: "LINK_MISPLACED", link, message: `${name} does not follow the link before it.` });
    if ((await digest(content)) !== hash)
      problems.push({ code: "LINK_CHANGED", link, message: `${name} differs from its hash.` });
    previous = String(hash);
  }
  const [first] = links;
  if (first?.["kind"] !== "contribution" || first["id"] !== bundle["contribution_id"])
    problems.push({ code: "LINK_MISPLACED", link: 0, message: "The first link is not the contribution." });
  return problems;
}

async function treeProblems(
  bundle: Fields,
  links: readonly Fields[],
  known: ReadonlySet<string> | undefined,
  roots: readonly unknown[],
): Promise<{ readonly problems: readonly ProofProblem[]; readonly sealedAt?: string }> {
  const sealed = bundle["sealed_links"];
  if (bundle["inclusion"] === null && sealed === 0) return { problems: [] };
  const inclusion = fieldsOf(bundle["inclusion"]);
  const { signature, ...root } = fieldsOf(inclusion["root"]);
  const problems: ProofProblem[] = [];
  const head = typeof sealed === "number" && sealed > 0 ? links[sealed - 1]?.["hash"] : undefined;
  if (typeof head !== "string" || !(await isIncluded(head, inclusion, root)))
    problems.push({ code: "NOT_IN_TREE", message: "The links are not in the tree of the root." });
  const key = inclusion["root_key"];
  if (!(await isSigned(root, signature, key)) || !(await isIdOf(root["key_id"], key)))
    problems.push({ code: "ROOT_SIGNATURE_INVALID", message: "The signature of the root is not that of its key." });
  if (known && !known.has(String(key)))
    problems.push({
      code: "KEY_UNKNOWN",
      message: `The key ${String(root["key_id"])} of the root is none of the given keys.`,
    });
  const whole = canonical(inclusion["root"]);
  for (const other of roots)
    if (fieldsOf(other)["number"] === root["number"] && canonical(other) !== whole)
      problems.push({
        code: "ROOT_DIFFERS",
        message: `Root ${String(root["number"])} differs from the one that was kept.`,
      });
  return problems.length > 0 ? { problems } : { problems, sealedAt: String(root["made_at"]) };
}

/** Whether the hash of the last link is in the tree of a root (RFC 9162 §2.1.3.2). */
async function isIncluded(head: string, inclusion: Fields, root: Fields): Promise<boolean> {
  const [position, size] = [inclusion["position"], root["size"]];
  if (typeof position !== "number" || typeof size !== "number" || position < 0 || position >= size) return false;
  let [index, last, hash] = [position, size - 1, await sha256(bytesOf(`00${head}`))];
  for (const step of listOf(inclusion["path"])) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      hash = await sha256(bytesOf(`01${String(step)}${hash}`));
      while (index % 2 === 0 && index !== 0) [index, last] = [index / 2, Math.floor(last / 2)];
    } else hash = await sha256(bytesOf(`01${hash}${String(step)}`));
    [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash === root["root"];
}

async function changedDisclosures(bundle: Fields, links: readonly Fields[]): Promise<ProofProblem[]> {
  const problems: ProofProblem[] = [];
  for (const disclosure of listOf(bundle["disclosures"]).map(fieldsOf)) {
    const { link, name, salt, value } = disclosure;
    const sealed = typeof link === "number" ? fieldsOf(links[link]?.["sealed"])[String(name)] : undefined;
    if (sealed === undefined || (await digest([salt, name, value])) !== sealed)
      problems.push({
        code: "DISCLOSURE_CHANGED",
        ...(typeof link === "number" ? { link } : {}),
        message: `${String(name)} of link ${String(link)} is not what the link was made with.`,
      });
  }
  return problems;
}

async function isSigned(value: unknown, signature: unknown, publicKey: unknown): Promise<boolean> {
  try {
    const [signed, key] = [fromBase64(String(signature)), fromBase64(String(publicKey))];
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signed, new TextEncoder().encode(canonical(value)));
  } catch {
    return false; // the key or the signature is malformed
  }
}

async function isIdOf(id: unknown, publicKey: unknown): Promise<boolean> {
  try {
    const hash = await sha256(fromBase64(String(publicKey)).buffer);
    return typeof id === "string" && id.length === 16 && hash.startsWith(id);
  } catch {
    return false;
  }
}

const keysOf = (keys: unknown): ReadonlySet<string> =>
  new Set(listOf(fieldsOf(keys)["keys"]).map((key) => String(fieldsOf(key)["x"])));

function bytesOf(hex: string): ArrayBuffer {
  const pairs = /^([\da-f]{2})*$/.test(hex) ? (hex.match(/../g) ?? []) : [];
  return new Uint8Array(pairs.map((pair) => Number.parseInt(pair, 16))).buffer;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import * as v from "valibot";
import { type ProofReport, verifyProof } from "../../client/src/proof.ts";
import { type Outcome, UsageError } from "./outcome.ts";
import { parseStrictly } from "./strict-json.ts";

const Options = v.object({
  contribution: v.optional(v.string()),
  original: v.optional(v.array(v.string()), []),
  key: v.optional(v.string()),
  root: v.optional(v.array(v.string()), []),
});

/**
 * `gotong verify <file>` checks a proof of a contribution offline, and with `--original` also what was read from the files.
 * @throws UsageError without a file, Error for a file that cannot be read
 */
export async function verify(file: string | undefined, given: unknown): Promise<Outcome> {
  if (file === undefined) throw new UsageError("gotong verify <file>");
  const { contribution, original, key, root } = v.parse(Options, given);
  const originals = await Promise.all(
    original.map(async (path) => ({ name: basename(path), bytes: new Uint8Array(await readFile(path)).buffer })),
  );
  const report = await verifyProof(await parsed(file), {
    ...(contribution === undefined ? {} : { contributionId: contribution }),
    originals,
    // Imports the reader of original files only if it is needed, since it contains the parsers of all types of files.
    ...(originals.length === 0
      ? {}
      : { readingsOf: (await import("@gotong/core/domain/evidence/original.ts")).readOriginal }),
    roots: await Promise.all(root.map(parsed)),
    ...(key === undefined ? {} : { keys: await parsed(key) }),
  });
  return { text: textOf(report, key !== undefined), data: report, isAlarming: !report.isValid };
}

async function parsed(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8");
  try {
    return parseStrictly(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${basename(path)} is no valid JSON file: ${reason}`, { cause: error });
  }
}

function textOf(report: ProofReport, hasKeys: boolean): string {
  const lines = report.problems.map(({ code, message }) => `${code}: ${message}`);
  for (const { name, evidenceId, isCompared } of report.originals) {
    if (evidenceId === undefined) continue;
    lines.push(`${name} is the evidence ${evidenceId}`);
    if (!isCompared) lines.push(`the proof discloses nothing that was read from ${name}`);
  }
  if (report.isValid) {
    lines.push(`valid: ${report.links} links about the contribution ${report.contributionId}`);
    lines.push(
      report.sealedAt === undefined ? "not in a signed tree yet" : `in a signed tree since ${report.sealedAt}`,
    );
    if (!hasKeys)
      lines.push("no key was given, so anybody could have signed it: --key <file> says whose signature it has to be");
  } else lines.push("NOT valid");
  return `${lines.join("\n")}\n`;
}

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./evaluations.ts";
import type { Evaluation, Variant } from "./resource.ts";

/** The evaluation of a variant, or the error message with which its configuration rejected the variant. */
export type Attempt = { readonly evaluation: Evaluation } | { readonly refusal: string };

/**
 * Evaluates variants that tests need but that are not in the list of reviewed variants. They share a process, since
 * loading SST and Pulumi takes 2 s of CPU time. After a rejected variant a new process continues: the unfinished work
 * of the rejected one would disturb the next variant.
 */
export function evaluateEach(variants: readonly Omit<Variant, "id">[]): Attempt[] {
  const attempts: Attempt[] = [];
  while (attempts.length < variants.length) attempts.push(...evaluateUntilRefused(variants.slice(attempts.length)));
  return attempts;
}

function evaluateUntilRefused(variants: readonly Omit<Variant, "id">[]): Attempt[] {
  const list = JSON.stringify(variants.map((variant) => ({ id: variant.stage, ...variant })));
  const folder = mkdtempSync(join(tmpdir(), "gotong-evaluation-"));
  const file = join(folder, "attempts.json");
  // The process writes the results to a file: it may exit after a rejection while a pipe still contains the earlier
  // evaluations.
  const code = `import { writeFileSync } from "node:fs";
    import { evaluate } from ${JSON.stringify(join(ROOT, "infra/evaluate/evaluate.ts"))};
    const attempts = [];
    try {
      for (const variant of ${list}) attempts.push({ evaluation: await evaluate(${JSON.stringify(ROOT)}, variant) });
    } catch (error) {
      attempts.push({ refusal: error.message });
    }
    writeFileSync(${JSON.stringify(file)}, JSON.stringify(attempts));
    process.exit();`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  // The exit code is ignored: Pulumi's exit handler reports the unfinished work of a rejected variant as a failure.
  try {
    if (!existsSync(file)) throw new Error(`the evaluation failed:\n${stderr}`);
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

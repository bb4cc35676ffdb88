import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./evaluations.ts";
import type { Evaluation, Variant } from "./resource.ts";

/** A variant's resources, or what its configuration said when it refused. */
export type Attempt = { readonly evaluation: Evaluation } | { readonly refusal: string };

/** Variants that the reviewed ones do not include, evaluated one after the other in one process: SST and Pulumi load in 2 s of CPU time. */
export function evaluateEach(variants: readonly Omit<Variant, "id">[]): Attempt[] {
  const list = JSON.stringify(variants.map((variant) => ({ id: variant.stage, ...variant })));
  const code = `import { evaluate } from ${JSON.stringify(join(ROOT, "infra/evaluate/evaluate.ts"))};
    const attempts = [];
    for (const variant of ${list})
      attempts.push(await evaluate(${JSON.stringify(ROOT)}, variant).then(
        (evaluation) => ({ evaluation }),
        (error) => ({ refusal: error.message }),
      ));
    process.stdout.write(JSON.stringify(attempts));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`the evaluation failed:\n${stderr}`);
  return JSON.parse(stdout);
}

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, evaluateAll } from "../evaluate/evaluations.ts";
import { BASE_VARIANTS } from "../evaluate/variants.ts";
import { compare, isLoss } from "./compare.ts";
import { print } from "./print.ts";

// npm run infra -- diff <git ref> [--stage <id>] [--fail-on-loss] prints the changes that a deployment of the working
// tree would make to a deployment of <git ref>.
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { stage: { type: "string" }, "fail-on-loss": { type: "boolean", default: false } },
});
try {
  const [ref, ...others] = positionals;
  if (ref === undefined || others.length > 0)
    throw new Error("usage: npm run infra -- diff <git ref> [--stage <stage>] [--fail-on-loss]");
  const ids = BASE_VARIANTS.map(({ id }) => id);
  if (values.stage !== undefined && !ids.includes(values.stage))
    throw new Error(`--stage must be one of ${ids.join(", ")}`);
  const variants = values.stage === undefined ? ids : [values.stage];
  const before = await evaluateRef(ref, variants);
  const after = await evaluateAll(ROOT, variants);
  let losses = 0;
  for (const now of after) {
    const then = before.find(({ variant }) => variant.id === now.variant.id);
    if (!then) continue;
    const changes = compare(then, now);
    losses += changes.filter(isLoss).length;
    process.stdout.write(print(now.variant.id, changes));
  }
  if (values["fail-on-loss"] && losses > 0) process.exitCode = 2;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** Evaluates the configuration of the git ref in a temporary checkout. */
async function evaluateRef(ref: string, variants: readonly string[]) {
  const commit = git("rev-parse", "--verify", "--quiet", `${ref}^{commit}`);
  if (commit === undefined) throw new Error(`there is no commit "${ref}" here`);
  const checkout = join(mkdtempSync(join(tmpdir(), "gotong-diff-")), "then");
  git("worktree", "add", "--detach", checkout, commit);
  try {
    for (const shared of ["node_modules", ".sst"]) symlinkSync(join(ROOT, shared), join(checkout, shared));
    return await evaluateAll(checkout, variants);
  } finally {
    git("worktree", "remove", "--force", checkout);
    rmSync(join(checkout, ".."), { recursive: true, force: true });
  }
}

/** Runs git. @returns its output; undefined when git fails */
function git(...args: string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

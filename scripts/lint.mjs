// Lint, format and unused-code checks. Runs all of them even when one fails.
import { spawnSync } from "node:child_process";
import { ensurePlatform, ensurePolicyPack } from "../infra/evaluate/platform.ts";

const checks = [
  ["oxlint", "node_modules/oxlint/bin/oxlint", "--type-aware"],
  ["oxfmt", "node_modules/oxfmt/bin/oxfmt", "--check", "."],
  ["knip", "node_modules/knip/bin/knip.js", "--no-progress"],
];
// Installs SST's platform first, since the types of the infrastructure are those of SST's components.
await ensurePlatform(process.cwd());
await ensurePolicyPack(process.cwd());
let failed = 0;
for (const [name, ...args] of checks) {
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  process.stdout.write(`${name}: ${status === 0 ? "clean" : "FAILED"}\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed);

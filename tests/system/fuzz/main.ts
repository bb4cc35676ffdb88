// `npm run long -- fuzz [--requests N] [--seed S]` sends generated requests and checks the responses against the
// contract.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
process.stdout.write(`${values.requests} requests, seed ${values.seed}\n`);
const { status } = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "tests/system/fuzz/contract.test.ts", "--reporter=default"],
  { stdio: "inherit", env: { ...process.env, FUZZ_REQUESTS: values.requests, FUZZ_SEED: values.seed } },
);
process.exitCode = status ?? 1;

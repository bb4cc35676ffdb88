// Checks the types of the packages and tests, and those of the infrastructure against SST's own components.
import { spawnSync } from "node:child_process";
import { ensurePlatform, ensurePolicyPack } from "../infra/evaluate/platform.ts";

const tsc = (...args) =>
  spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "--singleThreaded", "--noEmit", ...args], {
    encoding: "utf8",
  });
await ensurePlatform(process.cwd());
await ensurePolicyPack(process.cwd());
// Ignores errors in SST's components, which are shipped as source and do not follow our stricter options.
const ofSst = /^(\.sst\/| )/;
const lines = [
  tsc(),
  tsc("-p", "packages/web/tsconfig.json"),
  tsc("-p", "packages/web/sw/tsconfig.json"),
  tsc("-p", "infra/tsconfig.json"),
].flatMap(({ stdout, stderr }) => `${stdout}${stderr}`.split("\n"));
const own = lines.filter((line) => line !== "" && !ofSst.test(line));
for (const line of own) process.stdout.write(`${line}\n`);
process.exit(own.length > 0 ? 1 : 0);

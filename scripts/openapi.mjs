// `npm run openapi` generates the OpenAPI document from the routes, and the client's types from the document, and
// formats both.
import { spawnSync } from "node:child_process";

const steps = [
  ["packages/api/src/openapi/write.ts", ...process.argv.slice(2)],
  ["packages/client/generate.ts"],
  ["node_modules/oxfmt/bin/oxfmt", "packages/client/src"],
];
for (const step of steps) {
  const { status } = spawnSync(process.execPath, step, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

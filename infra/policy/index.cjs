// Pulumi loads this file for `sst deploy --policy infra/policy`. Pulumi supports only CommonJS, and the rules are TypeScript modules, so this
// file bundles them at each run; no separate build step is needed.
const { join } = require("node:path");
const { buildSync } = require("esbuild");

// The bundle is in this folder, so that it finds Pulumi's packages.
const outfile = join(__dirname, "node_modules", `.pack-${process.pid}.cjs`);
buildSync({
  entryPoints: [join(__dirname, "pack.ts")],
  outfile,
  bundle: true,
  platform: "node",
  format: "cjs",
  external: ["@pulumi/*"],
  logLevel: "error",
});
require(outfile);
require("node:fs").rmSync(outfile);

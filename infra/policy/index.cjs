// What Pulumi loads for `sst deploy --policy infra/policy`. It loads CommonJS only, and the rules are modules in TypeScript: they are
// bundled here, each time, so that no build step is forgotten.
const { join } = require("node:path");
const { buildSync } = require("esbuild");

// Beside what the bundle needs of Pulumi.
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

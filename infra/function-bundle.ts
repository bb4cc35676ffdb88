import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { OutputChunk } from "rolldown";

/**
 * Modules that at least as many lazy parts share are in one chunk. With fewer, a route loads code of others; with more,
 * many small files, each of which takes 0.5 ms of CPU time (docs/adr/0049).
 */
const SHARED_BY = 6;
/** The SDK's modules stay apart: its clients share many that no code of ours needs. */
const isOfSdk = (id: string) => /node_modules\/@(aws|aws-sdk|smithy)\//.test(id);

/**
 * Bundles a Lambda function into `outdir`, as `bundle.mjs` and chunks with their source maps.
 * @param entry path of the entry point, from `root`
 * @returns all chunks; the chunk of the entry point has `isEntry`
 */
export async function bundleFunction(root: string, entry: string, outdir: string): Promise<OutputChunk[]> {
  const { rolldown } = await import("rolldown"); // here, so that the evaluation of the infrastructure does not load it
  const build = await rolldown({
    input: { bundle: join(root, entry) },
    cwd: root,
    platform: "node",
    external: ["sharp", "pg-native"], // native; SST installs sharp beside the bundle
    resolve: { mainFields: ["module", "main"] },
    transform: {
      target: "es2024",
      define: { __dirname: "import.meta.dirname", __filename: "import.meta.filename" }, // of CommonJS packages
    },
    // An `import()` of a module that the function has already loaded needs no chunk of its own, which is no mistake.
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.write({
    dir: outdir,
    format: "esm",
    entryFileNames: "[name].mjs",
    chunkFileNames: "[name]-[hash].mjs",
    sourcemap: true,
    // Names of classes are kept, since libraries compare them. Those of all functions would take 24 KB of a route.
    minify: { compress: true, codegen: true, mangle: { toplevel: true, keepNames: { class: true, function: false } } },
    codeSplitting: {
      groups: [
        { name: "start", tags: ["$initial"], minShareCount: 2, priority: 2 },
        { name: "shared", minShareCount: SHARED_BY, test: (id) => !isOfSdk(id), priority: 1 },
      ],
    },
  });
  await build.close();
  return output.filter((file) => file.type === "chunk");
}

/**
 * Replaces the code that SST has bundled by that of {@link bundleFunction}. Packages that SST has installed stay.
 * @param handler such as `packages/api/src/lambda.handler`
 * @param dir SST's folder; if it has no `bundle.mjs`, nothing was bundled (evaluation of the infrastructure)
 */
export async function replaceBundle(root: string, handler: string, dir: string): Promise<void> {
  if (!existsSync(join(dir, "bundle.mjs"))) return;
  for (const file of readdirSync(dir)) if (/\.mjs(\.map)?$/.test(file)) rmSync(join(dir, file));
  await bundleFunction(root, handler.replace(/\.handler$/, ".ts"), dir);
}

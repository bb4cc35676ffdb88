import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Metafile, build } from "esbuild";

const ROOT = join(import.meta.dirname, "..", "..");

export interface Weight {
  readonly totalBytes: number;
  /** What is loaded before the first event: the entry and everything that it imports statically. */
  readonly eagerBytes: number;
  /** The heaviest inputs of the eager part. */
  readonly heaviest: readonly { readonly input: string; readonly bytes: number }[];
}

export interface Bundle extends Weight {
  /** The module that exports `handler`. */
  readonly file: string;
  remove(): void;
}

/** Bundles a Lambda entry point with the options that SST 4.17.1 gives esbuild for `nodejs: { minify, splitting }`. */
export async function bundle(entry: string): Promise<Bundle> {
  // Inside of the project, so that packages left out of the bundle (sharp) are found, as its layer would be on Lambda.
  mkdirSync(join(ROOT, ".local"), { recursive: true });
  const dir = mkdtempSync(join(ROOT, ".local", "bundle-"));
  const { metafile } = await build({
    entryPoints: { bundle: join(ROOT, entry) },
    outdir: dir,
    absWorkingDir: ROOT,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    external: ["sharp"],
    logLevel: "error",
    banner: {
      js: [
        "import { createRequire as topLevelCreateRequire } from 'module';",
        "const require = topLevelCreateRequire(import.meta.url);",
        "import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from 'url';",
        "const __filename = topLevelFileUrlToPath(import.meta.url);",
        "const __dirname = topLevelFileUrlToPath(new topLevelURL('.', import.meta.url));",
      ].join("\n"),
    },
  });
  return { ...weigh(metafile), file: join(dir, "bundle.mjs"), remove: () => rmSync(dir, { recursive: true }) };
}

/** Adds up the output of a build. */
export function weigh(metafile: Metafile): Weight {
  const scripts = Object.keys(metafile.outputs).filter((name) => name.endsWith(".mjs"));
  const entry = scripts.find((name) => name.endsWith("/bundle.mjs")) ?? "";
  const eager = eagerOutputs(metafile, entry);
  const byInput = new Map<string, number>();
  for (const name of eager) {
    for (const [input, { bytesInOutput }] of Object.entries(metafile.outputs[name]?.inputs ?? {})) {
      byInput.set(input, (byInput.get(input) ?? 0) + bytesInOutput);
    }
  }
  const bytes = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + (metafile.outputs[name]?.bytes ?? 0), 0);
  const heaviest = [...byInput].toSorted((a, b) => b[1] - a[1]).slice(0, 10);
  return {
    totalBytes: bytes(scripts),
    eagerBytes: bytes(eager),
    heaviest: heaviest.map(([input, size]) => ({ input, bytes: size })),
  };
}

function eagerOutputs(metafile: Metafile, entry: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const imported of metafile.outputs[name]?.imports ?? []) {
      if (imported.kind === "import-statement" && !imported.external) visit(imported.path);
    }
  };
  visit(entry);
  return found;
}

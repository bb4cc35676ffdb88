import { mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type Metafile, build } from "esbuild";

const ROOT = join(import.meta.dirname, "..", "..", "..");

export interface Weight {
  /** Bytes of the entry chunk and of every chunk that it imports statically, directly or indirectly. */
  readonly eagerBytes: number;
  /** Bytes of all chunks, including those that are imported lazily; without source maps. */
  readonly totalBytes: number;
  /** Eager bytes by package, the heaviest first: shows why a bundle has grown. */
  readonly eagerPackages: readonly (readonly [name: string, bytes: number])[];
  /** Bytes loaded after the lazy import of the given source file, including eager bytes. */
  readonly bytesWith: Readonly<Record<string, number>>;
}

export interface Bundle extends Weight {
  /** The file that Lambda imports. */
  readonly file: string;
  remove(): void;
}

/** The lines that SST prepends to each chunk: bundled CommonJS needs these names. */
const BANNER = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
  ``,
].join("\n");

/**
 * Bundles a Lambda entry point as SST 4.17.1 does (pkg/runtime/node/build.go) for `nodejs24.x` with `nodejs: { splitting: true }`.
 * The bundle is written inside the project, so that it finds packages that SST installs next to it (sharp).
 * @param entry path of the entry point, from the root of the project
 */
export async function bundle(entry: string): Promise<Bundle> {
  const outdir = mkdtempSync(join(ROOT, "node_modules", ".bundle-"));
  const { metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    outdir,
    entryNames: "bundle",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    external: ["sharp", "pg-native"],
    banner: { js: BANNER },
    sourcemap: "linked",
    metafile: true,
    logLevel: "error",
  });
  return { file: join(outdir, "bundle.mjs"), ...weigh(metafile), remove: () => rmSync(outdir, { recursive: true }) };
}

/**
 * Adds up the sizes in esbuild's metafile.
 * @throws Error when it has no entry chunk
 */
export function weigh(metafile: Metafile): Weight {
  const chunks = Object.entries(metafile.outputs).filter(([file]) => !file.endsWith(".map"));
  const [entry] = chunks.find(([file]) => basename(file) === "bundle.mjs") ?? [];
  if (entry === undefined) throw new Error("the bundle has no entry chunk");
  const loaded = (files: Iterable<string>) => [...files].flatMap((file) => metafile.outputs[file] ?? []);
  const eager = loaded(eagerChunks(metafile, entry));
  const packages = new Map<string, number>();
  for (const [input, { bytesInOutput }] of eager.flatMap((chunk) => Object.entries(chunk.inputs))) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "gotong-royong";
    packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
  }
  return {
    eagerBytes: sum(eager.map((chunk) => chunk.bytes)),
    totalBytes: sum(chunks.map(([, chunk]) => chunk.bytes)),
    eagerPackages: [...packages].toSorted(([, a], [, b]) => b - a),
    bytesWith: Object.fromEntries(
      chunks.flatMap(([file, { entryPoint }]) => {
        const withIt = loaded(eagerChunks(metafile, file, eagerChunks(metafile, entry)));
        return entryPoint === undefined ? [] : [[entryPoint, sum(withIt.map((chunk) => chunk.bytes))]];
      }),
    ),
  };
}

function eagerChunks(metafile: Metafile, file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path, kind, external } of metafile.outputs[file]?.imports ?? []) {
    if (kind === "import-statement" && external !== true) eagerChunks(metafile, path, found);
  }
  return found;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

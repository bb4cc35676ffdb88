// Writes the file tree of one container image: bundled code, and packages that cannot be bundled. The Dockerfile runs
// this program in its build stage, and tests/system/images starts the result.
// node scripts/build-image.ts <api | worker | gotong | markov-double> <folder>
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, dirname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { type Metafile, build } from "esbuild";
import * as v from "valibot";

const ROOT = join(import.meta.dirname, "..");

interface Image {
  readonly entry: string;
  /** Folders of the project that the code reads at run time. */
  readonly files: readonly string[];
}

export const IMAGES = {
  api: { entry: "packages/api/src/server.ts", files: [] },
  worker: { entry: "packages/workers/src/pod.ts", files: [] },
  gotong: { entry: "packages/ops/src/main.ts", files: ["migrations"] },
  "markov-double": { entry: "packages/local/src/markov/main.ts", files: [] },
} as const satisfies Record<string, Image>;
export type ImageName = keyof typeof IMAGES;

/**
 * Returns the path of a program inside its image. The path is as deep as that of the source in the project, so that the
 * program's relative path to `migrations` stays right.
 */
export const programOf = (name: ImageName): string =>
  IMAGES[name].entry.replace(/^(packages\/[^/]+)\/.*?([^/]+)\.ts$/, "$1/dist/$2.js");

/** Defines `require` before the code of the bundle, since CommonJS modules inside of the bundle call it. */
const BANNER = [
  'import { createRequire as createRequireOfBundle } from "node:module";',
  "const require = createRequireOfBundle(import.meta.url);",
].join("\n");
/** A native package, which finds its library relative to its own path. */
const NOT_BUNDLED = ["sharp"];

/**
 * Writes the tree of an image into `folder`.
 * @returns the unbundled packages
 * @throws Error when a package that is needed at run time is not installed
 */
export async function buildImage(name: ImageName, folder: string): Promise<string[]> {
  const { entry, files } = IMAGES[name];
  const program = programOf(name);
  const { metafile } = await build({
    entryPoints: { [basename(program, ".js")]: join(ROOT, entry) },
    absWorkingDir: ROOT,
    outdir: join(folder, dirname(program)),
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true, // names are kept, so that a stack trace in a log is readable
    platform: "node",
    format: "esm",
    target: "es2024",
    mainFields: ["module", "main"],
    external: NOT_BUNDLED,
    banner: { js: BANNER },
    metafile: true,
    logLevel: "error",
  });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  for (const each of files) cpSync(join(ROOT, each), join(folder, each), { recursive: true, filter: isNeeded });
  const packages = new Set<string>();
  for (const each of externals(metafile)) collect(each, packages);
  for (const each of packages)
    cpSync(join(ROOT, "node_modules", each), join(folder, "node_modules", each), { recursive: true, filter: isNeeded });
  return [...packages].toSorted();
}

/** Returns the packages that the bundle imports at run time. A lazy import of a missing package is allowed. */
function externals(metafile: Metafile): string[] {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return imports
    .filter(({ external, path }) => external === true && !path.startsWith("node:") && !builtinModules.includes(path))
    .filter(({ kind, path }) => kind === "import-statement" || NOT_BUNDLED.includes(path))
    .map(({ path }) => path);
}

const Manifest = v.object({
  dependencies: v.optional(v.record(v.string(), v.string()), {}),
  optionalDependencies: v.optional(v.record(v.string(), v.string()), {}),
});

/**
 * Collects a package with all its dependencies; of the optional dependencies, those that are installed for this
 * platform.
 */
function collect(name: string, found: Set<string>): void {
  if (found.has(name)) return;
  const file = join(ROOT, "node_modules", name, "package.json");
  if (!existsSync(file)) throw new Error(`${name} is needed at run time and is not installed: run npm ci`);
  found.add(name);
  const { dependencies, optionalDependencies } = v.parse(Manifest, JSON.parse(readFileSync(file, "utf8")));
  const optional = Object.keys(optionalDependencies).filter((each) => existsSync(join(ROOT, "node_modules", each)));
  for (const each of [...Object.keys(dependencies), ...optional]) collect(each, found);
}

/** Leaves out files that only compilers and readers need. */
const isNeeded = (path: string) =>
  !/(\.d\.[cm]?ts|\.map|\.md|\.ts)$/.test(path) && !path.endsWith(`sharp${sep}src`) && !path.endsWith(`${sep}meta`);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [asked = "", folder] = process.argv.slice(2);
  const name = (Object.keys(IMAGES) satisfies string[]).find((each): each is ImageName => each === asked);
  if (name === undefined || folder === undefined)
    throw new Error(`usage: build-image.ts <${Object.keys(IMAGES).join(" | ")}> <folder>`);
  mkdirSync(resolve(folder), { recursive: true });
  const packages = await buildImage(name, resolve(folder));
  process.stdout.write(`${name}: ${programOf(name)}${packages.map((each) => `, ${each}`).join("")}\n`);
}

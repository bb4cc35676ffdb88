import { mkdtempSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import type { OutputChunk } from "rolldown";
import { bundleFunction } from "../../../infra/function-bundle.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** What {@link weigh} reads of a chunk. */
export type Chunk = Pick<OutputChunk, "fileName" | "isEntry" | "code" | "imports" | "dynamicImports"> & {
  readonly modules: Readonly<Record<string, { readonly renderedLength: number }>>;
};

export interface Weight {
  /** Bytes of the entry chunk and of every chunk that it imports statically, directly or indirectly. */
  readonly eagerBytes: number;
  readonly eagerFiles: number;
  /** Bytes of all chunks, including those that are imported lazily; without source maps. */
  readonly totalBytes: number;
  /** Eager bytes by package, before they were minified, the heaviest first: shows why a bundle has grown. */
  readonly eagerPackages: readonly (readonly [name: string, bytes: number])[];
  /** What is loaded after the lazy import of the given source file, including what is loaded eagerly. */
  readonly with: Readonly<Record<string, { readonly bytes: number; readonly files: number }>>;
}

export interface Bundle extends Weight {
  /** The file that Lambda imports. */
  readonly file: string;
  readonly chunks: readonly Chunk[];
  remove(): void;
}

/**
 * Bundles a Lambda entry point as its deployment does. The bundle is written inside the project, so that it finds packages
 * that SST installs next to it (sharp).
 * @param entry path of the entry point, from the root of the project
 */
export async function bundle(entry: string): Promise<Bundle> {
  const outdir = mkdtempSync(join(ROOT, "node_modules", ".bundle-"));
  const chunks = await bundleFunction(ROOT, entry, outdir);
  const remove = () => rmSync(outdir, { recursive: true });
  return { file: join(outdir, "bundle.mjs"), chunks, ...weigh(chunks), remove };
}

/**
 * Adds up the sizes of a bundle's chunks.
 * @throws Error when it has no entry chunk
 */
export function weigh(chunks: readonly Chunk[]): Weight {
  const entry = chunks.find((chunk) => chunk.isEntry);
  if (entry === undefined) throw new Error("the bundle has no entry chunk");
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const load = (chunk: Chunk, loaded = new Set<Chunk>()): Set<Chunk> => {
    if (loaded.has(chunk)) return loaded;
    loaded.add(chunk);
    for (const name of chunk.imports) {
      const imported = byName.get(name); // undefined for a module of Node
      if (imported) load(imported, loaded);
    }
    return loaded;
  };
  const eager = load(entry);
  const packages = new Map<string, number>();
  for (const [input, { renderedLength }] of [...eager].flatMap((chunk) => Object.entries(chunk.modules))) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "gotong-royong";
    packages.set(name, (packages.get(name) ?? 0) + renderedLength);
  }
  return {
    eagerBytes: bytesOf(eager),
    eagerFiles: eager.size,
    totalBytes: bytesOf(chunks),
    eagerPackages: [...packages].toSorted(([, a], [, b]) => b - a),
    with: Object.fromEntries(
      chunks.flatMap((chunk) => {
        const loaded = load(chunk, load(entry));
        return Object.keys(chunk.modules).map((module) => [
          relative(ROOT, module),
          { bytes: bytesOf(loaded), files: loaded.size },
        ]);
      }),
    ),
  };
}

const bytesOf = (chunks: Iterable<Chunk>) => [...chunks].reduce((sum, { code }) => sum + Buffer.byteLength(code), 0);

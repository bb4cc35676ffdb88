import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Statement, parseSync } from "oxc-parser";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Stands for every symbol of a file, including future ones. */
export const ALL = "all";

/** The files to mutate, by path from the root, each with its functions, constants and classes at the top level, exported or not. */
export type Symbols = Readonly<Record<string, typeof ALL | readonly string[]>>;

/**
 * The current places of the symbols, in the form of Stryker's `mutate`: `path` for a whole file, else `path:first-last` with the lines of one
 * symbol.
 * @throws Error that names each file and symbol that does not exist
 */
export function mutatePatterns(symbols: Symbols): string[] {
  const missing: string[] = [];
  const patterns = Object.entries(symbols).flatMap(([file, names]) => {
    const lines = linesOf(file);
    if (!lines) {
      missing.push(file);
      return [];
    }
    if (names === ALL) return [file];
    return names.flatMap((name) => {
      const range = lines.get(name);
      if (!range) missing.push(`${name} in ${file}`);
      return range ? [`${file}:${range.first}-${range.last}`] : [];
    });
  });
  if (missing.length > 0)
    throw new Error(`tests/system/mutation/groups.ts names what does not exist: ${missing.join("; ")}`);
  return patterns;
}

interface Lines {
  readonly first: number;
  readonly last: number;
}

function linesOf(file: string): ReadonlyMap<string, Lines> | undefined {
  const source = read(join(ROOT, file));
  if (source === undefined) return undefined;
  const lineAt = (offset: number) => source.slice(0, offset).split("\n").length;
  return new Map(
    parseSync(file, source).program.body.flatMap((statement) =>
      declared(statement).map(({ name, start, end }) => [name, { first: lineAt(start), last: lineAt(end) }] as const),
    ),
  );
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function declared(statement: Statement): { readonly name: string; readonly start: number; readonly end: number }[] {
  if (statement.type === "ExportNamedDeclaration") return statement.declaration ? declared(statement.declaration) : [];
  if (statement.type === "VariableDeclaration")
    return statement.declarations.flatMap(({ id, start, end }) =>
      id.type === "Identifier" ? [{ name: id.name, start, end }] : [],
    );
  if ((statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") && statement.id)
    return [{ name: statement.id.name, start: statement.start, end: statement.end }];
  return [];
}

import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** What each package may import of the others (style.md: imports run one way). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  api: ["core"],
  workers: ["core"],
  local: ["core", "api", "workers"],
  ops: ["core"],
};
const MAX_LINES = 400;
const IMPORT = /(?:from|import)\s*\(?\s*["']([^"']+)["']/g;

/** Every TypeScript file of the packages and the tests, by path from the root. */
export function sources(): Map<string, string> {
  const files = ["packages", "tests"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("node_modules"))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  return new Map(files.map((file) => [relative(ROOT, file).split(sep).join("/"), readFileSync(file, "utf8")]));
}

/** The rules that the file at `path` breaks, a sentence each. */
export function violations(path: string, text: string): string[] {
  const found: string[] = [];
  const lines = text.split("\n").length;
  if (lines > MAX_LINES) found.push(`${path} has ${lines} lines, more than ${MAX_LINES}`);
  const own = /^packages\/(\w+)\//.exec(path)?.[1];
  if (own === undefined) return found;
  for (const [, target = ""] of text.matchAll(IMPORT)) {
    const other = /^@gotong\/(\w+)/.exec(target)?.[1];
    if (other !== undefined && !MAY_IMPORT[own]?.includes(other))
      found.push(`${path} imports ${target}: ${own} may not import ${other}`);
    if (target.startsWith(".") && join(path, "..", target).split(sep).slice(0, 2).join("/") !== `packages/${own}`) {
      found.push(`${path} imports ${target}: name the other package instead of its path`);
    }
    if (own !== "core" && target.endsWith(".sql.ts")) found.push(`${path} imports ${target}: tables never leave core`);
  }
  const readsSettings = /process\.env|from "sst/.test(text);
  if (readsSettings && ["core", "api", "workers"].includes(own) && path !== "packages/core/src/config.ts") {
    found.push(`${path} reads settings: only packages/core/src/config.ts may`);
  }
  return found;
}

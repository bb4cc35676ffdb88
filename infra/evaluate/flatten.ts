import { createHash } from "node:crypto";

/**
 * Maximum length of a string that is shown; a longer one is shown as its hash. Code and dashboards are reviewed in
 * their source files.
 */
const LONGEST = 300;

/**
 * Returns the leaves of a value as strings, by their paths (`a.b[0].c`). JSON inside of a string is parsed as well,
 * since policies are strings. An empty list or object is a leaf.
 */
export function flatten(value: unknown): Map<string, string> {
  const leaves = new Map<string, string>();
  walk(value, "", leaves);
  return leaves;
}

function walk(value: unknown, path: string, leaves: Map<string, string>): void {
  const inner = typeof value === "string" ? (parsed(value) ?? value) : value;
  if (typeof inner === "object" && inner !== null) {
    const entries = Array.isArray(inner)
      ? inner.map((each, index): [string, unknown] => [`[${index}]`, each])
      : Object.entries(inner).map(([key, each]): [string, unknown] => [path === "" ? key : `.${key}`, each]);
    if (entries.length === 0) leaves.set(path, Array.isArray(inner) ? "[]" : "{}");
    for (const [step, each] of entries) walk(each, `${path}${step}`, leaves);
    return;
  }
  leaves.set(path, shown(inner));
}

function parsed(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.length <= LONGEST) return text.replaceAll("\n", "\\n");
  return `(${text.length} characters, sha256 ${createHash("sha256").update(text).digest("hex").slice(0, 12)})`;
}

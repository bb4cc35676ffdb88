import { posix } from "node:path";
import { Visitor, parseSync } from "oxc-parser";

const CORE = "packages/core/src/";
/** The floors of core, the lowest first: each may import itself and the floors in its list. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  outbox: ["platform"],
  domain: ["platform", "outbox"],
  webhook: ["platform", "outbox"],
};
/** Imports against the floors, each with its reason. */
const AGAINST_FLOORS: Readonly<Record<string, string>> = {
  "outbox/event.sql.ts domain/user/user.sql.ts": "foreign keys: Drizzle's `references` needs the other table",
};

export interface Edge {
  /** Paths below core's `src`. */
  readonly from: string;
  readonly to: string;
}

/**
 * What a file of core imports of core, lazily, as a type or by re-export.
 * @param path from the root of the project
 * @throws Error when the file cannot be parsed
 */
export function edgesOf(path: string, source: string): Edge[] {
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const targets: string[] = [];
  const add = (target: unknown) => {
    if (typeof target === "string" && target.startsWith(".")) targets.push(posix.join(path, "..", target));
  };
  new Visitor({
    ImportDeclaration: ({ source: from }) => add(from.value),
    ExportAllDeclaration: ({ source: from }) => add(from.value),
    ExportNamedDeclaration: ({ source: from }) => add(from?.value),
    ImportExpression: ({ source: from }) => add(from.type === "Literal" ? from.value : undefined),
    TSImportType: ({ source: from }) => add(from.value),
  }).visit(program);
  return targets
    .filter((target) => target.startsWith(CORE) && target !== path)
    .map((target) => ({ from: path.slice(CORE.length), to: target.slice(CORE.length) }));
}

/** `domain/task` of `domain/task/list.ts`; a file that lies on its floor is a folder of its own, but `outbox` and `webhook` are one each. */
function folderOf(path: string): string {
  const [floor = "", name = ""] = path.split("/");
  return floor === "outbox" || floor === "webhook" ? floor : `${floor}/${name}`;
}

/** Imports from a lower floor to a higher one, a sentence each. */
export function againstFloors(edges: readonly Edge[]): string[] {
  return edges
    .filter(({ from, to }) => {
      const [own = "", other = ""] = [from.split("/")[0], to.split("/")[0]];
      return own !== other && FLOORS[own]?.includes(other) !== true && !(`${from} ${to}` in AGAINST_FLOORS);
    })
    .map(({ from, to }) => `${from} imports ${to}: ${from.split("/")[0]} may not import ${to.split("/")[0]}`);
}

/**
 * The folders that import each other, directly or through others; a list for each cycle, in alphabetical order. Foreign keys between
 * tables do not count: a table names another one, and no code of it.
 */
export function cycles(edges: readonly Edge[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of edges) {
    if (from.endsWith(".sql.ts") && to.endsWith(".sql.ts")) continue;
    const [own, other] = [folderOf(from), folderOf(to)];
    if (own !== other) next.set(own, (next.get(own) ?? new Set()).add(other));
  }
  const reachable = new Map([...next.keys()].map((folder) => [folder, reach(folder, next)]));
  const found = [...reachable]
    .filter(([folder, others]) => others.has(folder))
    .map(([folder, others]) =>
      [...others]
        .filter((other) => reachable.get(other)?.has(folder))
        .toSorted()
        .join(" "),
    );
  return [...new Set(found)].map((cycle) => cycle.split(" "));
}

/** Every folder to which imports lead from `start`; itself only in a cycle. */
function reach(start: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const found = new Set<string>();
  const waiting = [start];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop())
    for (const other of next.get(folder) ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      waiting.push(other);
    }
  return found;
}

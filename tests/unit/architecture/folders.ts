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

/** Files besides `index.ts` that other folders import, each with its reason. */
const OTHER_DOORS: Readonly<Record<string, string>> = {
  "platform/db/columns.ts": "columns and conditions: tables need them, and no connection",
  // esbuild's code splitting loads all of a folder that any lazy part of a function uses with the first import of its door.
  "domain/comment/comment.ts": "cold start of tasks and contributions, whose other routes need no comments",
  "domain/contribution/access.ts": "cold start of the evidence worker",
  "domain/evidence/attestation-query.ts": "cold start of what members ask about themselves",
  "domain/evidence/examine.ts": "a program that can reach it carries sharp, 20 MB: only the worker's image does",
  "domain/invitation/accept.ts": "cold start of a vouch",
  "domain/notification/notify.ts": "cold start of every act that notifies, and needs no feed and no settings",
  "domain/notification/verifiers.ts": "cold start of the evidence worker",
  "domain/password/hashing.ts": "cold start of the API",
  "domain/session/access.ts": "cold start of the API",
  "domain/session/token.ts": "cold start of invitations and of a vouch",
  "domain/user/author.ts": "cold start of the evidence worker",
  "domain/user/proven.ts": "cold start of the API",
  "platform/db/scope.ts": "the guard of outside calls: clients of queues, storage and Markov need it, and no database",
};

export interface Edge {
  /** Path below core's `src`; of a file of another package from the root of the project. */
  readonly from: string;
  /** Path below core's `src`. */
  readonly to: string;
  /** Whether it is an `import()`, which loads the file when it is needed. */
  readonly isLazy?: boolean;
}

/**
 * What a file imports of core: statically, lazily, as a type or by re-export.
 * @param path from the root of the project
 * @throws Error when the file cannot be parsed
 */
export function edgesOf(path: string, source: string): Edge[] {
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const found: Edge[] = [];
  const from = path.startsWith(CORE) ? path.slice(CORE.length) : path;
  const add = (target: unknown, isLazy = false) => {
    if (typeof target !== "string") return;
    const to = target.startsWith(".") ? posix.join(path, "..", target) : target.replace(/^@gotong\/core\//, CORE);
    if (to.startsWith(CORE) && to !== path)
      found.push({ from, to: to.slice(CORE.length), ...(isLazy ? { isLazy } : {}) });
  };
  new Visitor({
    ImportDeclaration: ({ source: module }) => add(module.value),
    ExportAllDeclaration: ({ source: module }) => add(module.value),
    ExportNamedDeclaration: ({ source: module }) => add(module?.value),
    ImportExpression: ({ source: module }) => add(module.type === "Literal" ? module.value : undefined, true),
    TSImportType: ({ source: module }) => add(module.value),
  }).visit(program);
  return found;
}

/**
 * `domain/task` for `domain/task/list.ts`; a file directly on a floor counts as a folder of its name; `outbox` and
 * `webhook` are one folder each.
 */
function folderOf(path: string): string {
  const [floor = "", name = ""] = path.split("/");
  return floor === "outbox" || floor === "webhook" ? floor : `${floor}/${name.replace(/\.ts$/, "")}`;
}

/**
 * Imports of a file inside of another folder, past its `index.ts`, a sentence each. Tables may be imported within core, schemas of answers
 * by the modules that document them, and a file may be loaded lazily: the door would load its whole folder.
 */
export function pastDoors(edges: readonly Edge[]): string[] {
  return edges
    .filter(({ from, to, isLazy }) => {
      const isDoor = to === `${folderOf(to)}/index.ts` || to === `${folderOf(to)}.ts` || to in OTHER_DOORS;
      const isTable = to.endsWith(".sql.ts") && !from.startsWith("packages/");
      const isAnswer = to.endsWith("/schema.ts");
      return !isDoor && !isTable && !isAnswer && isLazy !== true && folderOf(from) !== folderOf(to);
    })
    .map(({ from, to }) => `${from} imports ${to}: only ${folderOf(to)}/index.ts is for others`);
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

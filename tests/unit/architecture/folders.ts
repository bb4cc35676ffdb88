import { posix } from "node:path";
import { Visitor, parseSync } from "oxc-parser";

const CORE = "packages/core/src/";
/** The layers of core, the lowest first. Each layer may import itself and the layers in its list. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  outbox: ["platform"],
  domain: ["platform", "outbox"],
  webhook: ["platform", "outbox"],
};
/** Allowed imports from a lower layer to a higher one, each with its reason. */
const AGAINST_LAYERS: Readonly<Record<string, string>> = {
  "outbox/event.sql.ts domain/user/user.sql.ts": "foreign keys: Drizzle's `references` needs the other table",
};

/** Files besides `index.ts` that other folders may import, each with its reason. */
const OTHER_ENTRY_POINTS: Readonly<Record<string, string>> = {
  "platform/db/columns.ts": "columns and conditions: tables need them, and no connection",
  // The next files are imported directly for a faster cold start. Through an `index.ts`, code splitting would
  // load all parts of the folder that the function uses anywhere, even its lazy ones.
  "domain/comment/comment.ts": "cold start of tasks and contributions, whose other routes need no comments",
  "domain/contribution/access.ts":
    "cold start of the evidence worker, and of acts that need only the owner and the status",
  "domain/evidence/attestation-query.ts": "cold start of what members ask about themselves",
  "domain/evidence/examine.ts": "a program that can reach it carries sharp, 20 MB: only the worker's image does",
  "domain/invitation/accept.ts": "cold start of a vouch",
  "domain/notification/notify.ts": "cold start of every act that notifies, and needs no feed and no settings",
  "domain/notification/verifiers.ts": "cold start of the evidence worker",
  "domain/password/hashing.ts": "cold start of the API",
  "domain/session/access.ts": "cold start of the API",
  "domain/session/token.ts": "cold start of invitations and of a vouch",
  "domain/user/row.ts": "cold start of acts, which lock accounts and need no registration and no passwords",
  "domain/user/proven.ts": "cold start of the API",
  "platform/db/scope.ts": "the guard of outside calls: clients of queues, storage and Markov need it, and no database",
};

export interface Edge {
  /** The importing file: path below core's `src`, or from the root of the project for a file of another package. */
  readonly from: string;
  /** The imported file: path below core's `src`. */
  readonly to: string;
  /** Whether the import is an `import()`, which loads the file when it is needed. */
  readonly isLazy?: boolean;
}

/**
 * The imports of core's files in a file: static and lazy imports, type imports and re-exports.
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
 * The folder of a file, such as `domain/task` for `domain/task/list.ts`. A file directly in a layer counts as a folder
 * of its own. The whole layer `outbox` is one folder, and so is `webhook`.
 */
function folderOf(path: string): string {
  const [layer = "", name = ""] = path.split("/");
  return layer === "outbox" || layer === "webhook" ? layer : `${layer}/${name.replace(/\.ts$/, "")}`;
}

/**
 * Imports from another folder that bypass its public entry point `index.ts`, each as a sentence. Three kinds are
 * allowed: tables within core; response schemas, for the modules that document them; and lazy imports, since `index.ts`
 * would load the whole folder.
 */
export function pastEntryPoints(edges: readonly Edge[]): string[] {
  return edges
    .filter(({ from, to, isLazy }) => {
      const isEntryPoint = to === `${folderOf(to)}/index.ts` || to === `${folderOf(to)}.ts` || to in OTHER_ENTRY_POINTS;
      const isTable = to.endsWith(".sql.ts") && !from.startsWith("packages/");
      const isAnswer = to.endsWith("/schema.ts");
      return !isEntryPoint && !isTable && !isAnswer && isLazy !== true && folderOf(from) !== folderOf(to);
    })
    .map(({ from, to }) => `${from} imports ${to}: only ${folderOf(to)}/index.ts is for others`);
}

/** Imports from a lower layer to a higher one, each as a sentence. */
export function againstLayers(edges: readonly Edge[]): string[] {
  return edges
    .filter(({ from, to }) => {
      const [own = "", other = ""] = [from.split("/")[0], to.split("/")[0]];
      return own !== other && LAYERS[own]?.includes(other) !== true && !(`${from} ${to}` in AGAINST_LAYERS);
    })
    .map(({ from, to }) => `${from} imports ${to}: ${from.split("/")[0]} may not import ${to.split("/")[0]}`);
}

/**
 * The folders that import each other, directly or through others: a list of folders for each cycle, in alphabetical order. Foreign keys between
 * tables do not count, since they refer to another table without using its code.
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

/** All folders that imports reach from `start`, directly or through others. Contains `start` itself only in a cycle. */
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

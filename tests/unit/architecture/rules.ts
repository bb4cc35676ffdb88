import { posix } from "node:path";
import { Visitor, parseSync } from "oxc-parser";

/** What each package may import of the others (style.md: imports run one way). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  api: ["core"],
  workers: ["core"],
  local: ["core", "api", "workers"],
  ops: ["core", "client"],
  client: [],
  web: ["client"],
};
/** The domain knows neither HTTP nor Lambda; the packages around it know no SQL. */
const FOREIGN: Readonly<Record<string, RegExp>> = {
  core: /^(hono|@hono|aws-lambda)(\/|$)/,
  api: /^(drizzle-orm|postgres)(\/|$)/,
  workers: /^(drizzle-orm|postgres|hono|@hono)(\/|$)/,
};
const CONFIG = "packages/core/src/platform/config.ts";
/** Beside it, the part that reads what SST links to a function. */
const READS_ENVIRONMENT = [CONFIG, "packages/core/src/platform/config/links.ts"];
/**
 * Packages that read settings through the configuration only; the others start processes and pass variables to them.
 */
const CONFIGURED = ["core", "api", "workers"];
/** Schemas of answers and OpenAPI descriptions of routes: functions must not load them at cold start. */
const DOCUMENT_ONLY = /(^|[/-])schema\.ts$|\.docs\.ts$|\/platform\/answer\.ts$/;
/** The document's build; the schemas themselves. Types cost nothing, and everyone may import them. */
const MAY_LOAD_DOCUMENT = /^packages\/api\/src\/openapi\//;
/** Data without imports, from which infra makes resources: queues and their functions, the hosting of the app, the rules of secrets. */
const PURE_DATA = [
  "packages/core/src/platform/queue/queues.ts",
  "packages/core/src/platform/config/secrets.ts",
  "packages/api/src/http/app-hosting.ts",
];
const MAX_LINES = 400;
/** Everything outside of tests/, except for configuration of test tools and tests beside the code. */
const PRODUCTION = /^(packages|infra|scripts)\/(?!.*\.test\.ts$)|^[^/]+$/;
/** Generated, with an entry for each operation; not edited. */
const GENERATED = /^packages\/client\/(dist\/|src\/(operations|schemas)\.ts$)/;

/**
 * The rules of the house that a file breaks, a sentence each.
 * @param path of the file, from the root of the project, with forward slashes
 * @throws Error when the file cannot be parsed
 */
export function violations(path: string, source: string): string[] {
  const { imports, values, readsEnvironment } = read(path, source);
  const lines = source.trimEnd().split("\n").length;
  const isTooLong = lines > MAX_LINES && !GENERATED.test(path);
  const found = isTooLong ? [`${path} has ${lines} lines, more than ${MAX_LINES}`] : [];
  const own = /^packages\/([^/]+)\//.exec(path)?.[1];
  if (own !== undefined) found.push(...imports.flatMap((target) => brokenByImport(path, own, target)));
  if (own !== undefined && !DOCUMENT_ONLY.test(path) && !MAY_LOAD_DOCUMENT.test(path))
    found.push(
      ...values
        .filter((target) => DOCUMENT_ONLY.test(target.startsWith(".") ? resolve(path, target) : target))
        .map((target) => `${path} loads ${target}: only the OpenAPI document is built from it, others import types`),
    );
  if (PRODUCTION.test(path))
    for (const target of imports)
      if (resolve(path, target).startsWith("tests/")) found.push(`${path} imports ${target}: tools import no tests`);
  if (path.startsWith("infra/") || path === "sst.config.ts") {
    const code = imports.filter(
      (target) =>
        !PURE_DATA.includes(resolve(path, target)) &&
        !target.endsWith("/package.json") && // the version of an unbundled package is read from its manifest
        (target.startsWith("@gotong/") || resolve(path, target).startsWith("packages/")),
    );
    found.push(...code.map((target) => `${path} imports ${target}: infra names handlers as strings`));
  }
  if (!READS_ENVIRONMENT.includes(path) && own !== undefined && CONFIGURED.includes(own)) {
    if (readsEnvironment) found.push(`${path} reads the environment: only ${CONFIG} does`);
    if (imports.some((target) => /^sst(\/|$)/.test(target))) found.push(`${path} reads links: only ${CONFIG} does`);
  }
  return found;
}

function brokenByImport(path: string, own: string, target: string): string[] {
  const found: string[] = [];
  const other = /^@gotong\/([^/]+)/.exec(target)?.[1];
  if (other !== undefined && !MAY_IMPORT[own]?.includes(other)) found.push(`${own} may not import ${other}`);
  // The package of the client is its build, which is made for publishing: tools import its source.
  const isSourceOfClient =
    resolve(path, target).startsWith("packages/client/src/") && MAY_IMPORT[own]?.includes("client");
  if (target.startsWith(".") && !resolve(path, target).startsWith(`packages/${own}/`) && !isSourceOfClient)
    found.push("the path leaves the package");
  if (own !== "core" && target.endsWith(".sql.ts")) found.push("tables never leave core");
  if (FOREIGN[own]?.test(target)) found.push(`${own} may not know of it`);
  return found.map((why) => `${path} imports ${target}: ${why}`);
}

const resolve = (path: string, target: string) => (target.startsWith(".") ? posix.join(path, "..", target) : target);

/** Everything that a file imports, types and lazy imports included, and whether it touches `process.env`. */
function read(path: string, source: string): { imports: string[]; values: string[]; readsEnvironment: boolean } {
  const imports: string[] = [];
  const types: string[] = [];
  let readsEnvironment = false;
  const add = (target: unknown) => {
    if (typeof target === "string") imports.push(target);
  };
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  new Visitor({
    ImportDeclaration: ({ source: from, importKind }) => {
      if (importKind === "type") types.push(from.value);
      else add(from.value);
      // The module `process` is only imported to read what the global has as well.
      if (["process", "node:process"].includes(from.value)) readsEnvironment = true;
    },
    ExportAllDeclaration: ({ source: from }) => add(from.value),
    ExportNamedDeclaration: ({ source: from, exportKind }) => {
      if (exportKind === "type" && from) types.push(from.value);
      else add(from?.value);
    },
    ImportExpression: ({ source: from }) => add(from.type === "Literal" ? from.value : undefined),
    TSImportType: ({ source: from }) => void types.push(from.value),
    MemberExpression: ({ start, end }) => {
      if (/^(globalThis\s*\.\s*)?process\s*(\?\.|\.)?\s*(env|\[\s*["']env["']\s*\])$/.test(source.slice(start, end)))
        readsEnvironment = true;
    },
    VariableDeclarator: ({ id, init }) => {
      if (id.type === "ObjectPattern" && init?.type === "Identifier" && init.name === "process")
        readsEnvironment = true;
    },
  }).visit(program);
  return { imports: [...imports, ...types], values: imports, readsEnvironment };
}

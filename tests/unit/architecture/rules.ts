import { posix } from "node:path";
import { Visitor, parseSync } from "oxc-parser";

/** The packages that each package may import (style.md: imports run one way). */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  api: ["core"],
  workers: ["core"],
  local: ["core", "api", "workers"],
  ops: ["core", "client"],
  client: [],
  web: ["client"],
};
/** Libraries that a package must not import: the domain uses neither HTTP nor Lambda, and the packages around it use no SQL. */
const FOREIGN: Readonly<Record<string, RegExp>> = {
  core: /^(hono|@hono|aws-lambda)(\/|$)/,
  api: /^(drizzle-orm|postgres)(\/|$)/,
  workers: /^(drizzle-orm|postgres|hono|@hono)(\/|$)/,
};
const CONFIG = "packages/core/src/platform/config.ts";
/** Files that may read the environment: the configuration, and its part that reads the resources linked by SST. */
const READS_ENVIRONMENT = [CONFIG, "packages/core/src/platform/config/links.ts"];
/**
 * Packages that read settings only through the configuration. The other packages start processes and pass variables to them.
 */
const CONFIGURED = ["core", "api", "workers"];
/** Response schemas and OpenAPI descriptions of routes, which functions must not load at cold start. */
const DOCUMENT_ONLY = /(^|[/-])schema\.ts$|\.docs\.ts$|\/platform\/answer\.ts$/;
/**
 * The code that builds the OpenAPI document: only it may import the files of `DOCUMENT_ONLY`, except for types, which
 * cost nothing.
 */
const MAY_LOAD_DOCUMENT = /^packages\/api\/src\/openapi\//;
/** Data modules without imports, from which infra creates resources: queues and their functions, the app's hosting, rules for secrets. */
const PURE_DATA = [
  "packages/core/src/platform/queue/queues.ts",
  "packages/core/src/platform/config/secrets.ts",
  "packages/api/src/http/app-hosting.ts",
];
const MAX_LINES = 400;
/** Production code: everything outside tests/, except configuration of test tools and tests next to the code. */
const PRODUCTION = /^(packages|infra|scripts)\/(?!.*\.test\.ts$)|^[^/]+$/;
/** Generated files with an entry for each operation, which are not edited by hand. */
const GENERATED = /^packages\/client\/(dist\/|src\/(operations|schemas)\.ts$)/;

/**
 * The architecture rules that a file breaks, as a sentence for each violation.
 * @param path of the file relative to the root, with forward slashes
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
        !target.endsWith("/package.json") && // the manifest is read for the version of an unbundled package
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
  // `@gotong/client` resolves to the build that is published; our tools import the client's source instead.
  const isSourceOfClient =
    resolve(path, target).startsWith("packages/client/src/") && MAY_IMPORT[own]?.includes("client");
  if (target.startsWith(".") && !resolve(path, target).startsWith(`packages/${own}/`) && !isSourceOfClient)
    found.push("the path leaves the package");
  if (own !== "core" && target.endsWith(".sql.ts")) found.push("tables never leave core");
  if (FOREIGN[own]?.test(target)) found.push(`${own} may not know of it`);
  return found.map((why) => `${path} imports ${target}: ${why}`);
}

const resolve = (path: string, target: string) => (target.startsWith(".") ? posix.join(path, "..", target) : target);

/** All imports of a file, including types and lazy imports, and whether it accesses `process.env`. */
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
      // An import of the module `process` counts as access to the environment: the other members of that module are
      // also global.
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

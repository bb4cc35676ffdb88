import { Visitor, parseSync } from "oxc-parser";

/** Modules through which a process waits for something outside it, or for time to pass. */
const OUTSIDE =
  /^(node:(http|https|http2|net|tls|dgram|dns(\/promises)?|child_process|worker_threads|timers\/promises)|@aws-sdk\/.+|ioredis)$/;
/** Functions of `node:crypto` that are deliberately slow. */
const SLOW = /^(argon2|scrypt|pbkdf2)$/;
const GUARD = "assertNoConnectionInUse";

/** Files that may make outside calls without the guard, each with the reason. */
export const EXEMPT: Readonly<Record<string, string>> = {
  "packages/api/src/serve.ts": "listens, and sends nothing",
  "packages/core/src/platform/http-client/network.ts":
    "sends what client.ts and the queues' client ask for, which check",
  "packages/core/src/platform/queue/credentials.ts": "asks for credentials for the queues' client, which checks",
  "packages/core/src/platform/db/migrate.ts": "has a connection of its own, in a process that does nothing else",
  "packages/core/src/platform/db/tls.ts": "asks node:net whether a text is an address, and sends nothing",
  "packages/ops/src/shell.ts": "runs other programs for the command line, which has no connection open then",
  "packages/ops/src/prepare.ts": "waits for services before anything else is done",
  "packages/workers/src/operations.ts": "listens, and sends nothing",
  "packages/workers/src/poll.ts": "waits between batches, where no transaction can be open",
};

/**
 * The outside calls of a file that never checks whether a database connection is in use. Empty if the file makes no
 * outside call or has the check.
 */
export function unguarded(path: string, source: string): string[] {
  if (path in EXEMPT) return [];
  const reaches = new Set<string>();
  let isGuarded = false;
  const { program, errors } = parseSync(path, source);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  new Visitor({
    ImportDeclaration: ({ importKind, source: { value }, specifiers }) => {
      if (importKind === "type") return;
      const names = specifiers.flatMap((one) =>
        one.type === "ImportSpecifier" && one.imported.type === "Identifier" ? one.imported.name : [],
      );
      if (OUTSIDE.test(value)) reaches.add(value);
      if (value === "node:crypto") for (const name of names) if (SLOW.test(name)) reaches.add(`${value} ${name}`);
    },
    ImportExpression: ({ source: from }) => {
      if (from.type === "Literal" && typeof from.value === "string" && OUTSIDE.test(from.value))
        reaches.add(from.value);
    },
    CallExpression: ({ callee, arguments: [first] }) => {
      const isBuiltin =
        callee.type === "MemberExpression" &&
        callee.property.type === "Identifier" &&
        callee.property.name === "getBuiltinModule";
      if (isBuiltin && first?.type === "Literal" && typeof first.value === "string" && OUTSIDE.test(first.value))
        reaches.add(first.value);
      if (callee.type !== "Identifier") return;
      if (callee.name === "fetch") reaches.add("fetch");
      if (callee.name === GUARD) isGuarded = true;
    },
  }).visit(program);
  return isGuarded ? [] : [...reaches].map((what) => `${path} uses ${what} and never calls ${GUARD}`);
}

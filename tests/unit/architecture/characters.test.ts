import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Visitor, parseSync } from "oxc-parser";
import { expect, test } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "..", "..", "packages");

/**
 * Code that correctly cuts or measures in UTF-16 units, with the reason. All other code must use `Characters` and `Input`, which count characters
 * as people and PostgreSQL do.
 */
const RIGHT: Readonly<Record<string, string>> = {
  'core/src/domain/proof/signing.ts: createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex").slice(0, 16)':
    "hex digits",
  "core/src/domain/evidence/picture-likeness.ts: listed(of).slice(0, 32)": "numbers",
  "core/src/domain/evidence/picture-likeness.ts: .slice(0, UNSURE_BITS)": "numbers",
  "core/src/domain/evidence/picture-likeness.ts: hashes.slice(0, 1)": "numbers",
  'api/src/client-address.ts: last.slice(0, last.lastIndexOf(":"))': "an address",
  'api/src/middleware/etag.ts: createHash("sha256").update(body).digest("base64url").slice(0, 27)': "Base64",
  "api/src/middleware/input.ts: issues.slice(0, ERRORS_MAX + 1)": "a list",
  "core/src/platform/characters.ts: text.slice(0, units)": "between two characters",
  "core/src/platform/error.ts: (options.errors ?? []).slice(0, ERRORS_MAX)": "a list",
  "core/src/webhook/redrive.ts: rows.slice(0, BATCH)": "a list",
  "core/src/domain/evidence/examiner/mp4.ts: .slice(0, FOLLOWED_SAMPLES)": "a list",
  "core/src/domain/evidence/list.ts: rows.slice(0, limit)": "a list",
  "core/src/domain/evidence/list.ts: rows.slice(0, page.data.length)": "a list",
  "core/src/domain/verification-queue/index.ts: rows.slice(0, limit)": "a list",
  "core/src/domain/evidence/upload.ts: now.toISOString().slice(0, 10)": "digits",
  'core/src/platform/idempotency/seal.ts: derive("gotong-royong", "address", address).toString("hex").slice(0, 32)':
    "hex digits",
  "core/src/platform/answer.ts: v.maxLength(maxItems)": "a list",
  "ops/src/tenant.ts: words.slice(0, 2)": "a list",
  "ops/src/ops-protocol.ts: v.minLength(1)": "a list",
  "ops/src/ops-protocol.ts: v.maxLength(40)": "a list",
  "core/src/domain/reputation/reputation.ts: v.maxLength(MAX_SKILLS)": "a list",
  "core/src/platform/input/collections.ts: v.maxLength(most, tooMany)": "a list",
  "core/src/platform/input/collections.ts: v.minLength(least, `must have at least ${least} ${things}`)": "a list",
  "core/src/platform/input/text.ts: v.maxLength<string, number, string>(most, message)":
    "only for the document; Characters counts",
  "core/src/platform/input/text.ts: v.minLength<string, number, string>(least, message)":
    "only for the document; Characters counts",
  "core/src/outbox/body.ts: v.maxLength(10)": "a list",
  "core/src/platform/id.ts: hex.slice(0, 8)": "hex digits",
  'core/src/platform/id.ts: id.replaceAll("-", "").slice(0, 12)': "hex digits",
  "core/src/platform/log.ts: .slice(0, 6)": "a list",
  "core/src/platform/cache/cache.ts: stored.slice(0, end)": "digits",
  "core/src/platform/page.ts: items.slice(0, count)": "a list",
  "core/src/platform/page.ts: items.slice(0, limit)": "a list",
  "core/src/platform/page.ts: shown.slice(0, count)": "a list",
  "core/src/platform/page.ts: rows.slice(0, limit)": "a list",
  "core/src/domain/password/guessable.ts: core.slice(0, at)": "compared with words, never kept",
  "core/src/domain/password/guessable.ts: plain.slice(0, -period)": "compared with itself, never kept",
  "core/src/domain/user/email-proof.ts: hex.slice(0, 8)": "hex digits",
  "core/src/domain/session/client.ts: userAgent.slice(0, LOOKED_AT)": "only searched for signs in ASCII",
  "core/src/domain/session/lockout-rules.ts: pairs.slice(0, 2)": "a list",
  "core/src/domain/session/token.ts: token.slice(0, end)": "a part of a token",
  'core/src/domain/session/token.ts: createHash("sha256").update(`kid:${secret}`).digest("hex").slice(0, 16)':
    "hex digits",
};

const CUTS = new Set(["substring", "substr"]);
const LENGTHS = new Set(["minLength", "maxLength", "length"]);

/** The calls of a file that cut or measure in UTF-16 units, as source code. */
function suspects(path: string, source: string): string[] {
  const { program } = parseSync(path, source);
  const found: string[] = [];
  new Visitor({
    CallExpression(node) {
      if (node.callee.type !== "MemberExpression" || node.callee.property.type !== "Identifier") return;
      const { object, property } = node.callee;
      const [first, second] = node.arguments;
      const isBeginning =
        property.name === "slice" && second !== undefined && first?.type === "Literal" && first.value === 0;
      const isRule = LENGTHS.has(property.name) && object.type === "Identifier" && object.name === "v";
      if (!isBeginning && !isRule && !CUTS.has(property.name)) return;
      const text = source.slice(node.start, node.end);
      const isShort = !text.includes("\n");
      found.push(isShort ? text : source.slice(property.start - 1, node.end));
    },
  }).visit(program);
  return found;
}

const files = readdirSync(PACKAGES, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /^(core|api|client|ops|workers)\/src\/.*\.ts$/.test(file) && !file.endsWith(".test.ts"));

test("strings are cut and measured in characters: code that counts UTF-16 units is listed with its reason", () => {
  const found = files.flatMap((file) =>
    suspects(file, readFileSync(join(PACKAGES, file), "utf8")).map((text) => `${file}: ${text}`),
  );
  expect(found.filter((one) => RIGHT[one] === undefined)).toEqual([]);
  expect(Object.keys(RIGHT).filter((one) => !found.includes(one))).toEqual([]);
});

test("the UTF-16 check detects a slice, a substring and a valibot length rule", () => {
  const source = "a.slice(0, 5); a.slice(1); a.substring(2, 3); v.maxLength(4); b.maxLength(4); a.slice(2, 9);";
  expect(suspects("x.ts", source)).toEqual(["a.slice(0, 5)", "a.substring(2, 3)", "v.maxLength(4)"]);
});

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GROUPS } from "../../system/mutation/groups.ts";
import { mutatePatterns } from "../../system/mutation/symbols.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

describe("mutatePatterns()", () => {
  it.each(Object.entries(GROUPS))("%s names symbols and test files that exist", (_name, { symbols, tests }) => {
    expect(mutatePatterns(symbols).length).toBeGreaterThan(0);
    for (const pattern of tests)
      expect(globSync(alternatives(pattern), { cwd: ROOT })).toHaveLength(alternatives(pattern).length);
  });

  it("mutatePatterns() finds functions and constants by name, exported or not", () => {
    const file = "packages/core/src/domain/session/lockout-rules.ts";
    const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
    const firstAndLast = mutatePatterns({ [file]: ["ACCOUNT_SECONDS", "growing", "pair"] }).map((pattern) => {
      const [first, last] = pattern
        .slice(file.length + 1)
        .split("-", 2)
        .map(Number);
      return [lines[(first ?? 0) - 1], lines[(last ?? 0) - 1]];
    });
    expect(firstAndLast).toEqual([
      [expect.stringMatching(/^const ACCOUNT_SECONDS = /), expect.stringMatching(/;$/)],
      [expect.stringMatching(/^export function growing\(/), "}"],
      [expect.stringMatching(/^function pair\(/), "}"],
    ]);
  });

  it("mutatePatterns() names each file and symbol that does not exist", () => {
    expect(() =>
      mutatePatterns({
        "packages/core/src/domain/task/row.ts": ["assertManager", "assertOwner"],
        "packages/core/src/none.ts": ["x"],
      }),
    ).toThrow("does not exist: assertOwner in packages/core/src/domain/task/row.ts; packages/core/src/none.ts");
  });
});

/** Expands `a/{b,c}.test.ts` to `a/b.test.ts` and `a/c.test.ts`: each must exist. */
function alternatives(pattern: string): string[] {
  const [, before = "", names = "", after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return names === "" ? [pattern] : names.split(",").map((name) => `${before}${name}${after}`);
}

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { edgesOf } from "./folders.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const CORE = "packages/core/src/";
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/**
 * The walks through the code in docs/architecture.md, each with the maximum number of files that a newcomer must read.
 */
const LIMITS = [
  ["A member claims a task", 6],
  ["Evidence with a file becomes an event", 14],
  ["An event is delivered and recorded", 12],
] as const;

/** The numbered list of files in docs/architecture.md below the line that begins with this title. */
function walkOf(title: string): string[] {
  const [, text = ""] = read("docs/architecture.md").split(`\n${title}`);
  const list = text.split("\n\n").find((part) => part.startsWith("1. ")) ?? "";
  return [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path = ""]) => path);
}

/** The files of core and of the workers that a file imports, directly or through the `index.ts` of a folder. */
function importsOf(path: string): string[] {
  const own = edgesOf(path, read(path)).map(({ to }) => CORE + to);
  const entryPoints = own.filter((to) => to.endsWith("/index.ts"));
  const behind = entryPoints.flatMap((entryPoint) => edgesOf(entryPoint, read(entryPoint)).map(({ to }) => CORE + to));
  const near = [...read(path).matchAll(/from "(\.[^"]+)"/g)].map(([, target = ""]) => posix.join(path, "..", target));
  return [...own, ...behind, ...near];
}

/**
 * Modules that a queue message starts. No file of a walk imports them: the five-line `lambda.ts` of each function,
 * which does, is not part of a walk.
 */
const STARTED_BY_A_MESSAGE = /^packages\/workers\/src\/(lambda-handler|[a-z]+\/process)\.ts$/;

describe.each(LIMITS)("walk through the code in docs/architecture.md: %s", (title, limit) => {
  const walk = walkOf(title);

  test(`the walk has at most ${limit} files, and all exist`, () => {
    expect(walk.length).toBeGreaterThan(4);
    expect(walk.length).toBeLessThanOrEqual(limit);
    expect(walk.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("each file of the walk is imported by an earlier file of the walk", () => {
    const reached = new Set(walk.slice(0, 1));
    const lost = walk.slice(1).filter((path, index) => {
      for (const target of importsOf(walk[index] ?? "")) reached.add(target);
      return !reached.has(path) && !STARTED_BY_A_MESSAGE.test(path);
    });
    expect(lost).toEqual([]);
  });
});

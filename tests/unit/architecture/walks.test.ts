import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { edgesOf } from "./folders.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const CORE = "packages/core/src/";
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The most files that a newcomer has to read to follow each. */
const LIMITS = [
  ["A member claims a task", 7],
  ["Evidence with a file becomes an event", 14],
  ["An event is delivered and recorded", 14],
] as const;

/** The numbered files below the line that begins with this title in docs/architecture.md. */
function walkOf(title: string): string[] {
  const [, text = ""] = read("docs/architecture.md").split(`\n${title}`);
  const list = text.split("\n\n").find((part) => part.startsWith("1. ")) ?? "";
  return [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path = ""]) => path);
}

/** What a file of core or of the workers imports of them, through the doors of folders too. */
function importsOf(path: string): string[] {
  const own = edgesOf(path, read(path)).map(({ to }) => CORE + to);
  const doors = own.filter((to) => to.endsWith("/index.ts"));
  const behind = doors.flatMap((door) => edgesOf(door, read(door)).map(({ to }) => CORE + to));
  const near = [...read(path).matchAll(/from "(\.[^"]+)"/g)].map(([, target = ""]) => posix.join(path, "..", target));
  return [...own, ...behind, ...near];
}

/** Entry points that a message starts: nothing imports them but the function's own file of five lines. */
const STARTED_BY_A_MESSAGE = /^packages\/workers\/src\/(lambda-handler|[a-z]+\/process)\.ts$/;
/** The examiner's program is started by its path. */
const STARTED_BY_PATH = `${CORE}domain/evidence/examiner/examine-file.ts`;

describe.each(LIMITS)("the walk: %s", (title, limit) => {
  const walk = walkOf(title);

  test(`has at most ${limit} files, and all exist`, () => {
    expect(walk.length).toBeGreaterThan(4);
    expect(walk.length).toBeLessThanOrEqual(limit);
    expect(walk.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test("leads from each file to one that it names", () => {
    const reached = new Set(walk.slice(0, 1));
    const lost = walk.slice(1).filter((path, index) => {
      for (const target of importsOf(walk[index] ?? "")) reached.add(target);
      return !reached.has(path) && !STARTED_BY_A_MESSAGE.test(path) && path !== STARTED_BY_PATH;
    });
    expect(lost).toEqual([]);
  });
});

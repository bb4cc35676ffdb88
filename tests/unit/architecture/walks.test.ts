import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { edgesOf } from "./folders.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const CORE = "packages/core/src/";
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

interface Walk {
  /** The beginning of the line in docs/architecture.md above the list of files. */
  readonly title: string;
  /** The maximum number of files that a reader must open. */
  readonly limit: number;
  /** Imported files that this walk leaves out, each with its reason. */
  readonly leavesOut: Readonly<Record<string, string>>;
}

const WALKS: readonly Walk[] = [
  {
    title: "A member claims a task",
    limit: 6,
    leavesOut: {
      "domain/task/(input|coordinates|times|list|attendance|leave|manage|places).ts": "other acts on a task, and lists",
      "domain/(contribution/contribution|skill/index).ts": "other acts on a task",
      "outbox/(event|sweep).ts": "the walk of an event",
      "domain/task/(reminder-rules|repeat).ts": "due times of reminders and of repeated tasks",
    },
  },
  {
    title: "Evidence with a file becomes an event",
    limit: 14,
    leavesOut: {
      "domain/(evidence/queue|contribution/access|user/row).ts":
        "locks, and one message; the names of the functions say so",
      "outbox/sweep.ts": "the walk of an event",
      "domain/evidence/upload-quota.ts": "the limits of uploads, whose names say so",
      "domain/evidence/upload-parts.ts": "files that were sent in parts",
      "domain/evidence/malware.ts": "stages with a malware scanner",
      "domain/evidence/picture-[a-z]+.ts": "the arithmetic that compares pictures",
      "domain/evidence/file-rules.ts": "constants",
      "domain/evidence/examiner/result.ts": "the schema of the examiner's result",
      "domain/evidence/examiner/(content-credentials|decode|exif|facts|file-type|heic|heic-pixels|jpeg|opened|png|refusal|webp).ts":
        "the modules of the file types",
    },
  },
  {
    title: "An event is delivered and recorded",
    limit: 13,
    leavesOut: { "outbox/leftovers.ts": "publishes as event.ts does, for each subject with unpublished events" },
  },
];

/** Imported files that any walk may leave out, each with its reason. */
const LEFT_OUT_OF_ALL: Readonly<Record<string, string>> = {
  "platform/.+": "code without a noun of the domain",
  ".+[.]sql.ts": "tables",
  ".+/(schema|view).ts": "the form of responses",
  "outbox/(body|message|vocabulary).ts": "the form of events and messages",
  "domain/notification/(notify|verifiers).ts": "the same helper for each act",
  "domain/block/.+": "the same helper for each act",
  "domain/hidden/.+": "the same helper for each act",
};

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

/** Files that also start other walks: those of routes, and the sweep. */
const STARTS_MANY = /^packages\/(api\/src\/routes\/[a-z]+|workers\/src\/sweep\/process)\.ts$/;

/**
 * The files of core whose exports a file imports at its start: behind the `index.ts` of a folder, the file that exports
 * the name.
 */
function usedBy(path: string): string[] {
  const direct = edgesOf(path, read(path)).filter(({ to, isLazy }) => isLazy !== true && !to.endsWith("/index.ts"));
  const named = [...read(path).matchAll(/^import \{([^}]+)\} from "([^"]+\/index\.ts)"/gm)].flatMap(
    ([, names = "", target = ""]) => {
      const index = target.startsWith(".") ? posix.join(path, "..", target) : target.replace("@gotong/core/", CORE);
      return valuesIn(names).map((name) => exporterOf(name, index));
    },
  );
  return [...new Set([...direct.map(({ to }) => to), ...named])];
}

/** The names in an import or export list, without types. */
const valuesIn = (list: string): string[] =>
  list
    .split(",")
    .map((one) => one.trim().split(" as ").at(-1) ?? "")
    .filter((name) => name !== "" && !name.startsWith("type "));

/** The file that exports a name of an `index.ts`: a file that it lists, or the `index.ts` itself. */
function exporterOf(name: string, index: string): string {
  const lists = [...read(index).matchAll(/^export \{([^}]+)\} from "(\.\/[^"]+)"/gm)];
  const [, , file = "index.ts"] = lists.find(([, names = ""]) => valuesIn(names).includes(name)) ?? [];
  return posix.join(index, "..", file).slice(CORE.length);
}

describe.each(WALKS)("walk through the code in docs/architecture.md: $title", ({ title, limit, leavesOut }) => {
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

  test("each file that a file of the walk imports is on the walk, or is left out for a reason", () => {
    const patterns = [...Object.keys(leavesOut), ...Object.keys(LEFT_OUT_OF_ALL)];
    const isLeftOut = (file: string) => patterns.some((pattern) => new RegExp(`^${pattern}$`).test(file));
    const missing = walk
      .filter((path) => !STARTS_MANY.test(path))
      .flatMap((path) => usedBy(path).map((used) => [path, used] as const))
      .filter(([, used]) => !walk.includes(CORE + used) && !isLeftOut(used))
      .map(([path, used]) => `${path} imports ${used}`);
    expect(missing).toEqual([]);
  });
});

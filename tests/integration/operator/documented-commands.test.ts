import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "@gotong/ops/command.ts";
import { parse } from "@gotong/ops/program.ts";
import { digestOf } from "../../harness/digest.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
const ROOT = join(import.meta.dirname, "..", "..", "..");
const FILES = ["README.md", "CHANGELOG.md", ...globSync("docs/**/*.md", { cwd: ROOT })].filter(
  (file) => !/^docs\/(spec|adr)\//.test(file),
);

interface Documented {
  readonly file: string;
  readonly words: readonly string[];
}

/** Placeholders in the documents, each with a valid value. */
const VALUES: Readonly<Record<string, string>> = {
  "<id>": "0198c0de-0000-7000-8000-000000000001",
  "<email>": "sari@example.org",
  "<name>": "production",
  "<stage>": "production",
};
const filled = (word: string) => VALUES[word] ?? (/^<.*>$/.test(word) ? "some-value" : word);

/** Every `gotong …` command of the documents, in backticks and in shell blocks. */
const documented: readonly Documented[] = FILES.flatMap((file) => {
  const text = readFileSync(join(ROOT, file), "utf8");
  const quoted = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, one = ""]) => one);
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, one = ""]) => one.split("\n"));
  return [...quoted, ...blocks].flatMap((line) => {
    const found = /^\s*(?:npm run (?:--silent )?gotong --|gotong) (.+)$/.exec(
      line.replace(/\s+#.*$/, "").replace(/ > .*$/, ""),
    )?.[1];
    if (found === undefined || found.includes("…") || /[|[]/.test(found)) return [];
    return [{ file, words: found.trim().split(/\s+/).map(filled) }];
  });
});

test("every gotong command in the documents exists, with the options that it is documented with", () => {
  expect(documented.length).toBeGreaterThan(50);
  const wrong = documented.flatMap(({ file, words }) => {
    try {
      parse(words);
      return [];
    } catch (error) {
      const [first = ""] = String(error).split("\n");
      // A sentence may mention a command without its arguments.
      return first.includes("missing required argument") || isGroup(words)
        ? []
        : [`${file}: gotong ${words.join(" ")}: ${first}`];
    }
  });
  expect(wrong).toEqual([]);
});

const isGroup = (words: readonly string[]) => words.length === 1 && parse([...words, "--help"]) !== undefined;

/** Removes `--stage`, since the command runs on this database. */
const here = (words: readonly string[]) =>
  words.filter((word, index) => word !== "--stage" && words[index - 1] !== "--stage");

test("every command of a runbook that only reads, or supports --dry-run, runs on a stack and changes nothing", async () => {
  platform.markov.misbehave({ count: 1, status: 422 });
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  await until(
    async () =>
      platform.sql`select 1 from webhook_failures f join webhook_events e on e.id = f.event_id where e.subject = ${`contribution:${contributionId}`}`,
    (rows) => rows.length > 0,
  );
  const [failure] = await platform.sql`select id from webhook_failures order by id desc limit 1`;
  const before = await database();
  let count = 0;
  for (const { file, words } of documented.filter((one) => one.file.startsWith("docs/runbooks/"))) {
    const own = here(words).map((word) =>
      word === VALUES["<id>"] ? String(failure?.["id"]) : word === VALUES["<email>"] ? member.email : word,
    );
    const parsed = parse(own);
    if ("help" in parsed || parsed.command.place === "machine") continue;
    const rehearsed = parsed.command.isReading === true || own.includes("--dry-run") ? own : [...own, "--dry-run"];
    const lines: string[] = [];
    const out = await run(rehearsed, (line) => void lines.push(line));
    expect(out, `${file}: gotong ${rehearsed.join(" ")}`).not.toBe("");
    count += 1;
  }
  expect(count).toBeGreaterThan(4);
  expect(await database()).toBe(before);
});

test("the commands of the runbook of dead letters lead from the list of dead letters to a delivered event", async () => {
  platform.markov.misbehave({ count: 1, status: 422 });
  const contributionId = await contributionOf(await platform.person());
  const statusOf = async () => {
    const [row] =
      await platform.sql`select status from webhook_events where subject = ${`contribution:${contributionId}`}`;
    return String(row?.["status"]);
  };
  await until(statusOf, (status) => status === "dead");
  const page = documented
    .filter(({ file, words }) => file.endsWith("dead-letters.md") && words[0] === "dlq")
    .map(({ words }) => here(words));
  const [list = [], show = [], dry = []] = page;
  const listed = await run(list, () => undefined);
  const id =
    listed
      .split("\n")
      .find((line) => line.includes(contributionId))
      ?.split("  ")[0] ?? "";
  const shown = await run(
    show.map((word) => (word === VALUES["<id>"] ? id : word)),
    () => undefined,
  );
  expect(shown).toContain("422");
  expect(await run(dry, () => undefined)).toMatch(/^[1-9]\d* would be sent again/);
  // The next instruction of the runbook is to run the same command without `--dry-run`.
  await run(
    dry.filter((word) => word !== "--dry-run"),
    () => undefined,
  );
  await until(statusOf, (status) => status === "delivered");
  expect(await run(["outbox", "status"], () => undefined)).toContain("0 dead letters");
});

const database = () => digestOf(platform.sql);

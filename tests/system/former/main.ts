import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { testOnSchema } from "./former.ts";

const USAGE = `npm run long -- former                 tests of the last released version, on the schema of this checkout
npm run long -- former --since <ref>   tests of that commit
`;
const ROOT = join(import.meta.dirname, "..", "..", "..");
/**
 * Folders of the tests to run. Tests about migrations are left out, since they apply their own version's migrations to
 * empty databases.
 */
const TESTS = "account authorisation contribution evidence moderation session task verification vouch webhook".split(
  " ",
);

const { values } = parseArgs({ options: { since: { type: "string" }, help: { type: "boolean" } } });
if (values.help === true) process.stdout.write(USAGE);
else process.exitCode = main(values.since);

/**
 * Tests the last released version on the current schema.
 * @returns the exit code; 0, with a message, if nothing was released or no migration is new
 */
function main(since: string | undefined): number {
  const ref = since ?? git("describe", "--tags", "--abbrev=0").stdout.trim();
  if (ref === "") return tell("nothing is released yet: there is no former code", 0);
  if (git("diff", "--quiet", ref, "--", "migrations").status === 0) return tell(`${ref} has the same migrations`, 0);
  const folder = join(mkdtempSync(join(tmpdir(), "gotong-former-")), "checkout");
  const added = git("worktree", "add", "--detach", folder, ref);
  if (added.status !== 0) return tell(added.stderr, 1);
  try {
    const installed = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, encoding: "utf8" });
    if (installed.status !== 0) return tell(installed.stderr, 1);
    // Passes the new migrations to the test harness of the older version, which accepts a folder of migrations since
    // the commit that added this command.
    const next = join(folder, ".next-migrations");
    cpSync(join(ROOT, "migrations"), next, { recursive: true });
    const { passes, output } = testOnSchema(
      folder,
      next,
      TESTS.map((name) => join("tests", "integration", name)),
    );
    return tell(
      `${output}\nthe tests of ${ref} ${passes ? "pass" : "FAIL"} on the schema of this checkout`,
      passes ? 0 : 1,
    );
  } finally {
    git("worktree", "remove", "--force", folder);
    rmSync(join(folder, ".."), { recursive: true, force: true });
  }
}

function git(...words: string[]) {
  return spawnSync("git", words, { cwd: ROOT, encoding: "utf8" });
}

function tell(line: string, code: number): number {
  process.stdout.write(`${line.trimEnd()}\n`);
  return code;
}

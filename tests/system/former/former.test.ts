import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { destructive } from "@gotong/ops/migrations/lint.ts";
import { testOnSchema } from "./former.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const FILES = ["tests/integration/task/steps.test.ts"];

/** All kinds of schema changes that a release may make while the previous version still runs (docs/upgrade.md). */
const EXPANDS = `
create table next_badges (id bigint generated always as identity primary key, user_id uuid references users (id) on delete cascade);
alter table tasks add column next_note text;
alter table tasks add column next_count integer not null default 0;
create index next_tasks_by_note on tasks (next_note) where next_note is not null;
`;
const CONTRACTS = "alter table tasks drop column description;\n";

/** Creates a folder with the migrations and one more, of a next version. */
function nextVersion(sql: string): string {
  const folder = mkdtempSync(join(tmpdir(), "gotong-next-"));
  cpSync(join(ROOT, "migrations"), folder, { recursive: true });
  writeFileSync(join(folder, "9999_next.sql"), sql);
  return folder;
}

test("this version's tests pass on the schema of a next version that only expands, and fail on one that contracts", () => {
  for (const [sql, passes] of [
    [EXPANDS, true],
    [CONTRACTS, false],
  ] as const) {
    const folder = nextVersion(sql);
    const verdict = testOnSchema(ROOT, folder, FILES);
    rmSync(folder, { recursive: true });
    expect(verdict.passes, verdict.output.slice(-3000)).toBe(passes);
    // The migration lint must classify the SQL in the same way.
    expect(destructive(sql).length === 0).toBe(passes);
  }
}, 300_000);

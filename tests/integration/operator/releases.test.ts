import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import type { Release } from "@gotong/core/platform/release/index.ts";
import { release } from "@gotong/ops/release/command.ts";
import { journalOf } from "@gotong/ops/release/journal.ts";
import type { Journal } from "@gotong/ops/release/world.ts";
import { usePlatform } from "../../harness/platform.ts";
import { FakeAccount } from "../../unit/operator/release/fake-account.ts";

const platform = usePlatform({ workers: false });
let journal: Journal;
beforeAll(async () => {
  const { answer } = await import("@gotong/ops/lambda.ts");
  journal = journalOf("production", { invoke: async (_, payload) => answer(payload, 20_000) });
});
beforeEach(() => platform.sql`delete from releases`);

const COMMIT = "b".padEnd(40, "0");
type Begin = Parameters<Journal["begin"]>[0];
const input = (change: Partial<Begin> = {}): Begin => ({
  kind: "release",
  version: "1.2.3",
  commit: COMMIT,
  operator: "sari@laptop",
  lease: randomUUID(),
  step: "check",
  data: {},
  supersedes: false,
  ...change,
});
const later = async <T>(seconds: number, work: () => Promise<T>): Promise<T> => {
  const restore = Clock.set(() => new Date(Date.now() + seconds * 1000));
  try {
    return await work();
  } finally {
    restore();
  }
};

test("only one of two concurrent releases gets the stage's lock, and the other fails with the name of the lock's owner", async () => {
  const begun = await Promise.allSettled([journal.begin(input()), journal.begin(input({ operator: "budi@laptop" }))]);
  expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const [refused] = begun.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
  expect(refused).toMatch(/the release of 1\.2\.3 by (sari|budi)@laptop, step check, is at work/);
  expect(await journal.list()).toHaveLength(1);
});

test("a release without a heartbeat for five minutes is continued by another process, and its old process stops", async () => {
  const old = input();
  const first = await journal.begin(old);
  await journal.save({ id: first.id, lease: old.lease, step: "deploy", data: { former: "1" } });
  const next = input();
  await expect(later(200, () => journal.begin(next))).rejects.toThrow("is at work");
  const again = await later(301, () => journal.begin(next));
  expect(again).toMatchObject({ id: first.id, step: "deploy", data: { former: "1" } });
  await expect(journal.save({ id: first.id, lease: old.lease, step: "smoke" })).rejects.toThrow(
    "taken this release over",
  );
  await journal.save({ id: first.id, lease: next.lease, step: "done", outcome: "released" });
  const rows = await platform.sql`select action from audit_log where target_id = ${first.id} order by id`;
  expect(rows.map((row) => row["action"])).toEqual(["release.begin", "release.end"]);
});

test("an unfinished release blocks releases of other versions unless they supersede it; a rollback ends the unfinished release", async () => {
  const first = input();
  const { id } = await journal.begin(first);
  const other = input({ version: "1.2.4", commit: "c".padEnd(40, "0") });
  await expect(later(301, () => journal.begin(other))).rejects.toThrow("has not ended");
  const next = await later(301, () => journal.begin({ ...other, supersedes: true }));
  expect((await journal.list()).map(({ outcome }) => outcome)).toEqual([null, "superseded"]);
  const back = await journal.begin(input({ kind: "rollback", step: "rollback" }));
  expect(back.id).not.toBe(next.id);
  await expect(journal.save({ id, lease: first.lease })).rejects.toThrow("taken this release over");
});

test("the database rejects an invalid release record", async () => {
  await expect(journal.begin(input({ commit: "main" }))).rejects.toThrow("Invalid format");
  await expect(
    platform.sql`insert into releases (id, kind, version, commit, operator, step, lease, leased_until, finished_at)
      values (${randomUUID()}, 'release', '1', ${COMMIT}, 'a', 'check', ${randomUUID()}, now(), now())`,
  ).rejects.toThrow("releases_finished_rule");
});

test("a release is recorded in the stage's database, and releases list shows it", async () => {
  const account = new FakeAccount(false);
  const world = { ...account.process(), journal };
  const outcome = await release(
    { stage: "tenant-bandung", tested: true },
    { cursor: undefined, progress: () => undefined, isOver: () => false },
    world,
  );
  expect(outcome.data).toMatchObject({ outcome: "released" });
  const [info]: readonly Release.Info[] = await journal.list();
  expect(info).toMatchObject({ kind: "release", outcome: "released", step: "done", commit: COMMIT });
});

import { setImmediate as tick } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Db, batchPerTick, statement } from "@gotong/core/platform/db/index.ts";
import { usePlatform } from "../../harness/platform.ts";

usePlatform({ workers: false });

const inverse = statement<readonly [value: string]>(
  () =>
    sql`select (10 / n)::text from json_array_elements_text(${sql.placeholder("asked")}::text::json) with ordinality as t (value, at), lateral (select value::int as n) v order by at`,
);

/**
 * A batched lookup of 10 divided by a number, which records for each statement its keys, its actor and its transaction.
 */
function lookups() {
  const calls: { keys: readonly number[]; actor: string; inTransaction: boolean }[] = [];
  const lookUp = batchPerTick(async (keys: readonly number[]) => {
    calls.push({ keys, actor: Actor.current().type, inTransaction: Db.isInTransaction() });
    return (await inverse({ asked: JSON.stringify(keys) })).map(([value]) => value);
  });
  return { lookUp, calls, batches: () => calls.map(({ keys }) => keys) };
}
const member = { type: "member", userId: "u", username: "u", roles: [] } as const;

test("lookups of one event-loop tick share one statement, run as the public actor; later lookups do not wait for it", async () => {
  const { lookUp, calls } = lookups();
  const first = Actor.run(member, "request-1", () => lookUp(1));
  const second = lookUp(2);
  await tick();
  const third = lookUp(5);
  expect(await Promise.all([first, second, third])).toEqual(["10", "5", "2"]);
  expect(calls).toEqual([
    { keys: [1, 2], actor: "public", inTransaction: false },
    { keys: [5], actor: "public", inTransaction: false },
  ]);
});

test("when the batched statement fails, each lookup is repeated in its own statement and gets its own result or error", async () => {
  const { lookUp, batches } = lookups();
  const [good, bad, other] = await Promise.allSettled([lookUp(2), lookUp(0), lookUp(10)]);
  expect([good, other]).toEqual([
    { status: "fulfilled", value: "5" },
    { status: "fulfilled", value: "1" },
  ]);
  expect(bad).toMatchObject({ status: "rejected", reason: { code: "22012" } });
  expect(batches()).toEqual([[2, 0, 10], [2], [0], [10]]);
});

test("a lookup inside a transaction runs in that transaction, in its own statement", async () => {
  const { lookUp, calls } = lookups();
  await Promise.all([Db.transaction(async () => expect(await lookUp(2)).toBe("5")), lookUp(1)]);
  expect(calls.map(({ keys, inTransaction }) => [keys, inTransaction])).toEqual(
    expect.arrayContaining([
      [[2], true],
      [[1], false],
    ]),
  );
});

test("one statement contains at most 32 lookups", async () => {
  const { lookUp, batches } = lookups();
  await Promise.all(Array.from({ length: 70 }, () => lookUp(1)));
  expect(batches().map((keys) => keys.length)).toEqual([32, 32, 6]);
});

import { setImmediate as turn } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Db, perTurn, statement } from "@gotong/core/platform/db/index.ts";
import { usePlatform } from "../../harness/platform.ts";

usePlatform({ workers: false });

const inverse = statement<readonly [value: string]>(
  () =>
    sql`select (10 / n)::text from json_array_elements_text(${sql.placeholder("asked")}::text::json) with ordinality as t (value, at), lateral (select value::int as n) v order by at`,
);

/** Asks for 10 by a number, and notes which questions went together and as whom. */
function asking() {
  const calls: { questions: readonly number[]; actor: string; inTransaction: boolean }[] = [];
  const ask = perTurn(async (questions: readonly number[]) => {
    calls.push({ questions, actor: Actor.current().type, inTransaction: Db.isInTransaction() });
    return (await inverse({ asked: JSON.stringify(questions) })).map(([value]) => value);
  });
  return { ask, calls, asked: () => calls.map(({ questions }) => questions) };
}
const member = { type: "member", userId: "u", username: "u", roles: [] } as const;

test("questions of one turn are asked at once, as no member; later ones do not wait for them", async () => {
  const { ask, calls } = asking();
  const first = Actor.run(member, "request-1", () => ask(1));
  const second = ask(2);
  await turn();
  const third = ask(5);
  expect(await Promise.all([first, second, third])).toEqual(["10", "5", "2"]);
  expect(calls).toEqual([
    { questions: [1, 2], actor: "public", inTransaction: false },
    { questions: [5], actor: "public", inTransaction: false },
  ]);
});

test("when the shared statement fails, each question is asked alone and gets its own answer or error", async () => {
  const { ask, asked } = asking();
  const [good, bad, other] = await Promise.allSettled([ask(2), ask(0), ask(10)]);
  expect([good, other]).toEqual([
    { status: "fulfilled", value: "5" },
    { status: "fulfilled", value: "1" },
  ]);
  expect(bad).toMatchObject({ status: "rejected", reason: { code: "22012" } });
  expect(asked()).toEqual([[2, 0, 10], [2], [0], [10]]);
});

test("a question from inside of a transaction is asked in it, alone", async () => {
  const { ask, calls } = asking();
  await Promise.all([Db.transaction(async () => expect(await ask(2)).toBe("5")), ask(1)]);
  expect(calls.map(({ questions, inTransaction }) => [questions, inTransaction])).toEqual(
    expect.arrayContaining([
      [[2], true],
      [[1], false],
    ]),
  );
});

test("no statement is made for more than 32 questions", async () => {
  const { ask, asked } = asking();
  await Promise.all(Array.from({ length: 70 }, () => ask(1)));
  expect(asked().map((questions) => questions.length)).toEqual([32, 32, 6]);
});

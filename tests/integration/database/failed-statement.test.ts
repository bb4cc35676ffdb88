import { sql } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db, statement } from "@gotong/core/platform/db/index.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });

beforeEach(async () => {
  await Db.close();
  Config.use({ ...platform.variables, DATABASE_POOL_SIZE: "1" }); // one connection, so that the next statement uses the same one
});

const BROKEN_ROWS = 3;
const failsAfterRows = statement(() => sql`select 1 / (${BROKEN_ROWS}::int - n) from generate_series(0, 9) as t (n)`);
const one = statement<readonly [number]>(() => sql`select 1`);

/** Runs a statement that fails after its first rows were sent. */
async function fail() {
  await expect(failsAfterRows({})).rejects.toMatchObject({ code: "22012" });
}

test("a statement gets only its own rows, even if the previous statement of the connection failed after its first rows", async () => {
  await fail();
  expect(await one({})).toEqual([[1]]);
  await fail();
  expect(await Db.use().execute(sql`select 1 as n`)).toMatchObject([{ n: 1 }]);
});

const LIMITS = { onBegin: async () => undefined, timeoutSeconds: 20 };
const add = (name: string) =>
  Db.use().execute(sql`insert into timers (name, armed_for) values (${name}, '2026-01-01T00:00:00Z')`);
const isThere = async (name: string) =>
  (await Db.use().execute(sql`select 1 from timers where name = ${name}`)).length === 1;

test("a unit of work is rolled back as a whole if one of its transactions catches a statement's error and continues", async () => {
  const unit = Db.unitOfWork(async () => {
    await Db.transaction(async () => {
      await add("before the failure");
      await fail();
    });
    await Db.transaction(() => add("after the failure")).catch(() => undefined);
  }, LIMITS);
  await expect(unit).rejects.toThrow("had failed");
  expect(await isThere("before the failure")).toBe(false);
  expect(await isThere("after the failure")).toBe(false);
});

test("a unit of work keeps the changes of its other transactions if one of them throws", async () => {
  await Db.unitOfWork(async () => {
    await Db.transaction(() => add("first"));
    await expect(
      Db.transaction(() =>
        add("second")
          .then(fail)
          .then(() => failsAfterRows({})),
      ),
    ).rejects.toThrow();
    await Db.transaction(() => add("third"));
  }, LIMITS);
  expect(await Promise.all(["first", "second", "third"].map(isThere))).toEqual([true, false, true]);
});

test("a unit of work whose onBegin throws changes nothing and fails with that error, even if its work catches the error", async () => {
  const onBegin = () => Promise.reject(new Error("not now"));
  const work = () => Db.transaction(() => add("never")).catch(() => undefined);
  await expect(Db.unitOfWork(work, { ...LIMITS, onBegin })).rejects.toThrow("not now");
  expect(await isThere("never")).toBe(false);
});

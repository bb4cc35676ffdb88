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

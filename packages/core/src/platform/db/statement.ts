import { type SQL, fillPlaceholders } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { type Parameters, run } from "./database.ts";

/**
 * A statement that runs at each request. Its SQL is built at the first run, and its rows are returned as the driver reads them: arrays of
 * values in column order. Building the SQL and mapping rows by column types each time took a fifth of a list's time.
 * @param build creates the statement, with `sql.placeholder(name)` for each value; columns must be text, numbers or booleans, which need no
 * mapping
 */
export function statement<Row extends readonly unknown[]>(
  build: () => SQL,
): (values: Readonly<Record<string, unknown>>) => Promise<readonly Row[]> {
  let query: ReturnType<PgDialect["sqlToQuery"]> | undefined;
  return async (values) => {
    query ??= new PgDialect().sqlToQuery(build());
    const params = fillPlaceholders(query.params, values);
    if (!areSet(params)) throw new Error("a value of a statement is undefined");
    return run<Row>(query.sql, params, "values");
  };
}

/** Whether no parameter is undefined. postgres.js converts all other values, and throws for those that it cannot convert. */
const areSet = (params: readonly unknown[]): params is Parameters => !params.includes(undefined);

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import postgres from "postgres";
import { document } from "./document.ts";

const SPECIFICATION = readFileSync(join(import.meta.dirname, "..", "..", "docs", "spec", "platform.md"), "utf8");
const section = (from: string, to: string) =>
  SPECIFICATION.slice(SPECIFICATION.indexOf(from), SPECIFICATION.indexOf(to));

test("the specification names every operation of the document once, and no other", () => {
  const named = [...section("### Routes", "## 2. ").matchAll(/`([A-Z/]+) (\/[^\s`]*)`/g)].flatMap(
    ([, methods = "", path = ""]) => methods.split("/").map((method) => `${method} ${path}`),
  );
  const made = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(named.toSorted()).toEqual(made.toSorted());
});

test("the specification names every table of the database", async () => {
  const sql = postgres(inject("templateUrl"), { max: 1 });
  const rows = await sql`select table_name from information_schema.tables where table_schema = 'public'`;
  await sql.end();
  const made = rows.map((row) => String(row["table_name"])).filter((name) => name !== "schema_migrations");
  const named = [...section("## 3. ", "## 4. ").matchAll(/`([a-z_]+)`/g)].map(([, name]) => name);
  expect(made.filter((name) => !named.includes(name))).toEqual([]);
});

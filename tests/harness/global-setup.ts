import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { migrate } from "@gotong/core/platform/db/index.ts";
import { startPostgres, wipePostgres } from "@gotong/local/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the migrated database that every test file copies. */
    templateUrl: string;
  }
}

/**
 * The folder of migrations. tests/system/former sets the current folder for tests of the last release, which then run
 * on the current schema.
 */
const MIGRATIONS = process.env["TEST_MIGRATIONS"] ?? join(import.meta.dirname, "..", "..", "migrations");

/** Starts one PostgreSQL for the whole run, with one migrated database, of which each test file creates a copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), "gotong-test-"));
  const server = await startPostgres({ dataDir: join(dir, "postgres"), port: 0, durable: false });
  await migrate(server.url, MIGRATIONS);
  project.provide("templateUrl", server.url);
  return async () => {
    await server.stop();
    await wipePostgres(join(dir, "postgres"));
    rmSync(dir, { recursive: true, force: true });
  };
}

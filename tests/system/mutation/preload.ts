// Loads the code of the group before any test: what it evaluates once then counts as static for Stryker, and not as covered by the one test
// that loads it first.
import { join } from "node:path";
import { GROUPS } from "./groups.ts";

const root = join(import.meta.dirname, "..", "..", "..");
for (const file of Object.keys(GROUPS[process.env["MUTATION_GROUP"] ?? ""]?.symbols ?? {}))
  await import(join(root, file));

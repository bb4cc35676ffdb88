// Loads the code of the group before any test, so that Stryker treats code that runs on loading as static. Otherwise
// only the first test that loads this code would count as covering it.
import { join } from "node:path";
import { GROUPS } from "./groups.ts";

const root = join(import.meta.dirname, "..", "..", "..");
for (const file of Object.keys(GROUPS[process.env["MUTATION_GROUP"] ?? ""]?.symbols ?? {}))
  await import(join(root, file));

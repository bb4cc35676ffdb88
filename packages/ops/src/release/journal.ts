import * as v from "valibot";
import { Release } from "@gotong/core/platform/release/index.ts";
import { type Functions, runOnStage } from "../stage.ts";
import type { Journal } from "./world.ts";

/** Returns the journal in the database of a stage, accessed through the stage's `ops` function. */
export function journalOf(stage: string, functions: Functions): Journal {
  const run = async (words: readonly string[]) => {
    const [group, verb] = words;
    const name = `${group} ${verb}`;
    const { data } = await runOnStage(stage, { command: { name }, words }, () => undefined, functions);
    return data;
  };
  return {
    begin: async (input) => v.parse(Release.Info, await run(["releases", "begin", JSON.stringify(input)])),
    save: async (input) => void (await run(["releases", "save", JSON.stringify(input)])),
    list: async () => v.parse(v.array(Release.Info), await run(["releases", "list"])),
    appliedMigrations: async () => v.parse(v.array(v.string()), await run(["migrate", "applied"])),
  };
}

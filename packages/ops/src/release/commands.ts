import { type Command, DRY_RUN } from "../command-type.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";

// Loads these modules lazily, since the `ops` function does not use the AWS clients of a release.
const machine = lazy(() => import("./command.ts"));
const records = lazy(() => import("./records.ts"));

export const RELEASE_COMMANDS: readonly Command[] = [
  {
    name: "release",
    summary: "check, migrate, deploy, ask the new version, shift the traffic to it or go back, and record it",
    options: [
      ["--as <version>", "what /health calls it (the commit)"],
      ["--tested", "the tests of this commit have passed elsewhere"],
      ["--contract", "apply destructive migrations as well: no code needs what they remove"],
      ["--accept-loss", "replace or delete stateful resources"],
      ["--supersede", "end an unfinished release of another version"],
      DRY_RUN,
    ],
    examples: ["release --stage production --dry-run", "release --stage production --as 1.4.0"],
    place: "machine",
    isAboutStage: true,
    run: async (_, options, step) => (await machine()).release(options, step),
  },
  {
    name: "rollback",
    summary: "all traffic back to the version before the last release, and end a release that is under way",
    options: [["--to <version>", "the version of the API's function"], DRY_RUN],
    examples: ["rollback --stage production", "rollback --stage production --to 41"],
    place: "machine",
    isAboutStage: true,
    run: async (_, options, step) => (await machine()).rollback(options, step),
  },
  {
    name: "releases list",
    summary: "list the last releases and rollbacks of the stage, with their outcomes",
    isReading: true,
    run: async () => (await records()).list(),
  },
  {
    name: "releases begin",
    summary: "take the stage's lock",
    args: ["<json>"],
    isHidden: true,
    isReading: true,
    run: async ([text = ""]) => (await records()).begin(text),
  },
  {
    name: "releases save",
    summary: "record a step",
    args: ["<json>"],
    isHidden: true,
    isReading: true,
    run: async ([text = ""]) => (await records()).save(text),
  },
];

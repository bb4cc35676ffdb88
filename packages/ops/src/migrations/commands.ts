import { lazy } from "@gotong/core/platform/lazy.ts";
import { type Command, DRY_RUN } from "../command-type.ts";

const migrations = lazy(() => import("./migrate.ts"));

export const MIGRATION_COMMANDS: readonly Command[] = [
  {
    name: "migrate up",
    summary: "apply the migrations to DATABASE_URL; with --stage the stage's migrate function does it",
    options: [["--contract", "apply destructive migrations as well: no code needs what they remove"], DRY_RUN],
    examples: ["migrate up --dry-run", "migrate up --stage tenant-bandung"],
    place: "machine",
    isDefault: true,
    run: async (_, options) => (await migrations()).up(options),
  },
  {
    name: "migrate status",
    summary: "list the migrations of this checkout: applied, or pending with what they would break",
    place: "machine",
    isAboutStage: true,
    isReading: true,
    run: async (_, options) => (await migrations()).status(options),
  },
  {
    name: "migrate create",
    summary: "write a migration for changed tables, and check that it only expands",
    args: ["<name>"],
    options: [["--custom", "an empty file for SQL of your own"]],
    examples: ["migrate create add_badges"],
    place: "machine",
    run: async ([name = ""], options) => (await migrations()).create(name, options),
  },
  {
    name: "migrate applied",
    summary: "the names of the applied migrations",
    isHidden: true,
    isReading: true,
    run: async () => (await migrations()).applied(),
  },
];

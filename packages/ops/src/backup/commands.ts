import { lazy } from "@gotong/core/platform/lazy.ts";
import { type Command, DRY_RUN } from "../command-type.ts";

const backups = lazy(() => import("./command.ts"));

export const BACKUP_COMMANDS: readonly Command[] = [
  {
    name: "backup keygen",
    summary: "make the key that opens backups, in a new file, and print what encrypts for it",
    args: ["<file>"],
    place: "machine",
    run: async ([file = ""]) => (await backups()).keygen(file),
  },
  {
    name: "backup create",
    summary: "write DATABASE_URL and the files of evidence, encrypted, into a new folder",
    args: ["<folder>"],
    options: [["--recipient <age1…>", "for whom"], DRY_RUN],
    examples: ["backup create backups/2026-11-26 --recipient age1…"],
    place: "machine",
    run: async ([folder = ""], options, step) => (await backups()).create(folder, options, step),
  },
  {
    name: "backup verify",
    summary: "decrypt every file of a backup, and compare its hash",
    args: ["<folder>"],
    options: [["--identity <file>", "the key that opens it"]],
    place: "machine",
    isReading: true,
    run: async ([folder = ""], options) => (await backups()).check(folder, options),
  },
  {
    name: "backup drill",
    summary: "back up, restore into a scratch database and bucket, compare, remove them; print RPO and RTO",
    place: "machine",
    run: async (_, __, step) => (await backups()).drill(step),
  },
  {
    name: "restore",
    summary: "verify a backup, and restore it into an empty database and an empty bucket",
    args: ["<folder>"],
    options: [
      ["--identity <file>", "the key that opens it"],
      ["--to <url>", "the database"],
      ["--bucket <name>", "where the files go"],
      DRY_RUN,
    ],
    examples: ["restore backups/2026-11-26 --identity key.txt --to postgres://… --bucket evidence"],
    place: "machine",
    run: async ([folder = ""], options, step) => (await backups()).restore(folder, options, step),
  },
];

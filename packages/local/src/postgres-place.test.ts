import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findPlace } from "./postgres-place.ts";

const dir = mkdtempSync(join(tmpdir(), "gotong-place-")); // mode 0700: other users have no access
const made: string[] = [];
afterAll(() => {
  for (const path of [...made, dir]) rmSync(path, { recursive: true, force: true });
});

// Runs only as root: as a normal user, PostgreSQL runs as that user in the requested directory.
test.skipIf(process.getuid?.() !== 0)(
  "if root starts the stack in a directory that other users cannot enter, PostgreSQL's data is in the temporary directory and is deleted with the stack's state",
  () => {
    const state = join(dir, "state");
    const find = () => {
      mkdirSync(state, { recursive: true });
      const { dataDir, bin, user } = findPlace(join(state, "postgres"));
      made.push(dataDir);
      expect(existsSync(bin.postgres)).toBe(true);
      expect(statSync(dataDir).uid).toBe(user?.uid);
      return dataDir;
    };
    const first = find();
    expect(dirname(first)).toBe(tmpdir());
    expect(find()).toBe(first);
    rmSync(state, { recursive: true });
    expect(find()).not.toBe(first);
  },
);

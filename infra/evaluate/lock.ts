import { existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STALE_MS = 600_000;

/** Runs `work` unless `isDone` returns true. Only one process runs it; the other processes wait until it is done. */
export async function once(lock: string, isDone: () => boolean, work: () => void): Promise<void> {
  mkdirSync(dirname(lock), { recursive: true });
  while (!isDone()) {
    try {
      mkdirSync(lock);
    } catch {
      if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > STALE_MS) rmSync(lock, { recursive: true });
      await sleep(200);
      continue;
    }
    try {
      if (!isDone()) work();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

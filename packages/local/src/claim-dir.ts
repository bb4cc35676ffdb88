import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

/**
 * Locks the state in `dir` for this process, since two stacks with the same state would stop each other's PostgreSQL.
 * @throws StartError if another stack is running
 */
export function claimDir(dir: string): void {
  const file = join(dir, "dev.pid");
  const other = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (other !== process.pid && isStack(other)) {
    throw new StartError(
      `A stack is already running on ${dir}, as process ${other}: stop it, or set LOCAL_DIR to another directory.`,
    );
  }
  writeFileSync(file, String(process.pid));
}

function isStack(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    // Also compares the command line on Linux: after a reboot, another process may have this process id.
    return (
      process.platform !== "linux" ||
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("packages/local/src/main.ts")
    );
  } catch {
    return false;
  }
}

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

/**
 * Notes that this process uses the state in `dir`; two stacks on one state would stop each other's PostgreSQL.
 * @throws StartError when another one runs
 */
export function claimDir(dir: string): void {
  const file = join(dir, "dev.pid");
  const other = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (other !== process.pid && isStack(other)) {
    throw new StartError(
      `A stack runs on ${dir} already, as process ${other}: stop it, or set LOCAL_DIR to another directory.`,
    );
  }
  writeFileSync(file, String(process.pid));
}

function isStack(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    // After a restart of the machine the number may be anyone's.
    return (
      process.platform !== "linux" ||
      readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("packages/local/src/main.ts")
    );
  } catch {
    return false;
  }
}

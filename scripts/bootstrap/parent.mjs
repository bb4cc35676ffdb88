const CHECK_MS = 250;
const DRAIN_MS = 3_000;

/**
 * Terminates this process like SIGTERM when its parent was killed and could not forward a signal. Otherwise it would
 * continue unnoticed and keep its ports.
 */
export function endWithParent() {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), DRAIN_MS).unref();
  }, CHECK_MS).unref();
}

const CHECK_MS = 250;
const DRAIN_MS = 3_000;

/**
 * Ends this process, as SIGTERM does, when its parent was killed and could not pass that on. Otherwise it would go on unseen
 * and keep its ports.
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

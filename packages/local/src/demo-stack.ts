import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MAIN = join(import.meta.dirname, "main.ts");
const POLL_MS = 100;
const PROBE_TIMEOUT_MS = 5_000;
const START_TIMEOUT_MS = 60_000;

/**
 * Uses the stack running at `api`, or starts one for the demo.
 * @returns a function that stops the started stack
 * @throws Error if the started stack exits or is not ready within 60 s
 */
export async function ensureStack(api: string): Promise<() => Promise<void>> {
  if (await isReady(api)) return async () => undefined;
  process.stdout.write("No stack is running: starting one …\n");
  const child = spawn(process.execPath, [MAIN], { stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  // A signal to the demo also stops its stack; the next request of the demo then fails.
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => child.kill("SIGTERM"));
  try {
    await ready(api, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function ready(api: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isReady(api))) {
    if (hasEnded(child)) throw new Error("the stack did not start");
    if (performance.now() > deadline) throw new Error("the stack was not ready within 60 s");
    await sleep(POLL_MS);
  }
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

async function isReady(api: string): Promise<boolean> {
  return fetch(`${api}/ready`, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
    (response) => response.ok,
    () => false,
  );
}

import { Config, type Section } from "./config.ts";
import { Log } from "./log.ts";

/**
 * Runs a long-running process: checks the configuration, starts, waits for SIGTERM or SIGINT, stops, exits. A second signal has no effect,
 * since work in progress is finished. A process that cannot start prints one line per problem and exits with 1.
 * @param start resolves to a function that stops everything that it started
 */
export async function untilStopped(
  sections: readonly Section[],
  start: () => Promise<() => Promise<void>>,
): Promise<void> {
  try {
    Config.check(sections);
    const stop = await start();
    const signal = await new Promise<string>((resolve) => {
      for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, resolve);
    });
    Log.info("stopping", { signal });
    await stop();
    process.exitCode = 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${reason}\n`);
    process.exitCode = 1;
  }
}

import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./folders.ts";

export interface ShellOptions {
  /** Whether the program prints directly to the terminal. */
  readonly isShown?: boolean;
  /** Time after which the program is terminated; no limit if absent. */
  readonly seconds?: number;
  /** The working directory, relative to the project's folder. */
  readonly folder?: string;
}

/** Runs programs of this host, in the project's folder. */
export interface Shell {
  /**
   * Runs a program.
   * @param variables environment variables in addition to those of this process
   * @returns its exit code, and its output unless it is shown
   */
  run(
    program: readonly [string, ...string[]],
    variables?: Readonly<Record<string, string>>,
    options?: ShellOptions,
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

export const realShell: Shell = {
  run([command, ...args], variables = {}, { isShown = false, seconds, folder = "." } = {}) {
    const child = spawn(command, args, {
      cwd: join(ROOT, folder),
      env: { ...process.env, ...variables },
      ...(seconds === undefined ? {} : { timeout: seconds * 1000 }),
      stdio: ["inherit", isShown ? "inherit" : "pipe", isShown ? "inherit" : "pipe"],
    });
    const said = { out: "", err: "" };
    child.stdout?.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 1, ...said }));
    });
  },
};

import { spawn } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Runs programs of this machine, in the project's folder. */
export interface Shell {
  /**
   * @param variables beside those of this process
   * @param isShown whether the program writes to the terminal by itself
   * @returns its exit code, and what it printed where it is not shown
   */
  run(
    program: readonly [string, ...string[]],
    variables?: Readonly<Record<string, string>>,
    isShown?: boolean,
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }>;
}

export const realShell: Shell = {
  run([command, ...args], variables = {}, isShown = false) {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...process.env, ...variables },
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

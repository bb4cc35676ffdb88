import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as v from "valibot";

const Line = v.pipe(v.string(), v.parseJson(), v.object({ message: v.string(), port: v.optional(v.number()) }));

export interface Running {
  readonly port: number;
  /**
   * Sends SIGTERM.
   * @returns exit code and output
   */
  stop(): Promise<{ readonly code: number | null; readonly said: string }>;
}

/**
 * Starts a program of an image's file tree as its container would: in the tree, with only this environment.
 * @throws Error with its output when it exits instead of listening
 */
export async function start(
  tree: string,
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<Running> {
  const child = spawn(process.execPath, [program], { cwd: tree, env: { ...environment }, stdio: "pipe" });
  const heard: string[] = [];
  const ended = once(child, "exit");
  child.stderr.on("data", (chunk: Buffer) => heard.push(String(chunk)));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      heard.push(line);
      const read = v.safeParse(Line, line);
      if (read.success && read.output.port !== undefined) resolve(read.output.port);
    });
    child.once("exit", (code) => reject(new Error(`${program} ended with ${String(code)}:\n${heard.join("\n")}`)));
  });
  return { port, stop: () => stop(child, ended, heard) };
}

async function stop(child: ChildProcess, ended: Promise<unknown>, heard: readonly string[]) {
  child.kill("SIGTERM");
  await ended;
  return { code: child.exitCode, said: heard.join("\n") };
}

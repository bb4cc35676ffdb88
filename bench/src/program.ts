import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const START_SECONDS = 60;
/** Number of clock ticks of `/proc/<pid>/stat` in a second, on every Linux that Node supports. */
const TICKS = 100;
const MEGABYTE = 1024 * 1024;

/** A server in a process of its own, whose CPU time and memory can be measured. */
export class Program {
  readonly name: string;
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(name: string, url: string, child: ChildProcess) {
    this.name = name;
    this.url = url;
    this.#child = child;
  }

  /**
   * Starts a server and waits until `path` responds.
   * @param logFile file for its log, like a container's log driver
   * @throws Error when it exits first, or does not respond within a minute
   */
  static async start(options: {
    readonly name: string;
    readonly file: string;
    readonly args?: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly port: number;
    readonly path?: string;
    readonly logFile: string;
  }): Promise<Program> {
    const log = openSync(options.logFile, "a");
    const child = spawn(process.execPath, [options.file, ...(options.args ?? [])], {
      env: { PATH: process.env["PATH"] ?? "", NODE_ENV: "production", ...options.env },
      stdio: ["ignore", log, log],
    });
    const url = `http://127.0.0.1:${options.port}`;
    const program = new Program(options.name, url, child);
    for (const end = Date.now() + START_SECONDS * 1000; Date.now() < end; await sleep(50)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${options.name} ended before it answered; its log is ${options.logFile}`);
      const isUp = await fetch(`${url}${options.path ?? "/"}`).then(
        (answer) => answer.arrayBuffer().then(() => true),
        () => false,
      );
      if (isUp) return program;
    }
    await program.stop();
    throw new Error(`${options.name} does not answer; its log is ${options.logFile}`);
  }

  /** Returns the CPU time that all threads of the server have used until now, in seconds. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  }

  /** Returns the server's current resident memory, in MB. */
  residentMegabytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024) / MEGABYTE;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

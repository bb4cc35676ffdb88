import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../../../harness/scenes.ts";

const LOG_LINES_KEPT = 5_000;

/** A server of the platform in its own process. Reads the server's port from its log. */
export class Program {
  /** The last lines of the server's log. */
  readonly logs: string[] = [];
  #child: ChildProcess | undefined;

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Starts the server.
   * @param file its entry point
   * @param variables its settings
   * @returns the port
   * @throws Error when it exits before it listens
   */
  async start(file: string, variables: Readonly<Record<string, string>>): Promise<number> {
    const child = spawn(process.execPath, [file], { env: variables, stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    child.stdout.setEncoding("utf8");
    let rest = "";
    child.stdout.on("data", (chunk: string) => {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      this.logs.push(...lines);
      if (this.logs.length > LOG_LINES_KEPT) this.logs.splice(0, this.logs.length - LOG_LINES_KEPT);
    });
    const portSaid = () => this.logs.map((line) => /"port":(\d+)/.exec(line)?.[1]).find(Boolean);
    const port = await until(portSaid, (said) => said !== undefined || child.exitCode !== null);
    if (port === undefined) throw new Error(`${file} did not start: exit code ${child.exitCode}`);
    return Number(port);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}

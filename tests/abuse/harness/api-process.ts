import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { LOOSE_LIMITS, Platform } from "../../harness/platform.ts";
import { until } from "../../harness/scenes.ts";

const SERVER = join(import.meta.dirname, "..", "..", "..", "packages", "api", "src", "server.ts");
const LOG_LINES_KEPT = 5_000;

/** The real API in a process of its own, on a database of its own. */
export class ApiProcess {
  readonly platform = new Platform();
  /** The lines of its log, the last ones. */
  readonly logs: string[] = [];
  #child: ChildProcess | undefined;
  #url = "";

  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(variables: Readonly<Record<string, string>>): Promise<void> {
    await this.platform.start({ workers: false });
    const own = Object.entries(this.platform.variables).filter(([name]) => !(name in LOOSE_LIMITS));
    const child = spawn(process.execPath, [SERVER], {
      env: { ...Object.fromEntries(own), HOST: "127.0.0.1", PORT: "0", ...variables },
      stdio: ["ignore", "pipe", "inherit"],
    });
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
    if (port === undefined) throw new Error(`the API did not start: exit code ${child.exitCode}`);
    this.#url = `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
    await this.platform.stop();
  }
}

/**
 * Starts the API before the tests of a file and stops it after them.
 * @param variables settings of the API that differ from the defaults
 */
export function useApi(variables: Readonly<Record<string, string>> = {}): ApiProcess {
  const api = new ApiProcess();
  beforeAll(() => api.start(variables));
  afterAll(() => api.stop());
  return api;
}

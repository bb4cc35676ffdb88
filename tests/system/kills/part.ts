import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assertFree } from "@gotong/local/ports.ts";

/** Module that ends a child whose parent was killed, so that no process outlives a run. */
const END_WITH_PARENT = join(import.meta.dirname, "..", "..", "..", "scripts", "bootstrap", "end-with-parent.mjs");
const COMPILE_CACHE = join(import.meta.dirname, "compile-cache.ts");
const PATIENCE_MS = 300_000;

/** A process of the platform that can be killed. */
export interface Part {
  readonly name: string;
  /** Relative frequency with which the part is chosen. */
  readonly weight: number;
  /** Whether the part serves requests now. */
  readonly isUp: boolean;
  /** Sends SIGKILL, and starts the part again. Resolves when it serves requests. */
  kill(): Promise<void>;
  /** Shuts the part down gracefully. */
  stop(): Promise<void>;
}

interface Options {
  readonly name: string;
  readonly weight: number;
  readonly file: string;
  readonly args?: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Resolves to true once the program serves requests. */
  readonly isReady: () => Promise<boolean>;
  /** The steps that an operator takes before and after a killed process is restarted. */
  readonly beforeRestart?: () => Promise<void>;
  readonly afterRestart?: () => Promise<void>;
}

/** A Node process of the platform. */
export class Program implements Part {
  readonly name: string;
  readonly weight: number;
  readonly #options: Options;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #isWanted = false;
  isUp = false;
  /** Number of exits without a kill. */
  crashes = 0;

  constructor(options: Options) {
    this.name = options.name;
    this.weight = options.weight;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { file, args = [], variables, logFile } = this.#options;
    const log = openSync(logFile, "a");
    const preloads = [END_WITH_PARENT, COMPILE_CACHE].flatMap((preload) => ["--import", preload]);
    const child = spawn(process.execPath, [...preloads, file, ...args], {
      env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: join(dirname(logFile), "compiled"), ...variables },
      stdio: ["ignore", log, log],
    });
    this.#child = child;
    this.#isWanted = true;
    this.#exited = new Promise((resolve) =>
      child.once("exit", () => {
        if (this.#isWanted) this.crashes += 1;
        this.isUp = false;
        resolve(undefined);
      }),
    );
    await untilTrue(this.#options.isReady, `${this.name} to serve (see ${logFile})`);
    this.isUp = true;
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
    await this.#options.beforeRestart?.();
    await this.start();
    await this.#options.afterRestart?.();
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Log lines of unexpected errors. */
  unexpected(): string[] {
    return readFileSync(this.#options.logFile, "utf8")
      .split("\n")
      .filter((line) => line.includes('"code":"INTERNAL"'));
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.isUp = false;
    this.#isWanted = false;
    this.#child?.kill(signal);
    await this.#exited;
  }
}

/**
 * Repeats a check until its result is true.
 * @throws Error after five minutes: a loaded host starts processes slowly
 */
export async function untilTrue(ask: () => Promise<boolean>, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await ask().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s for ${what}`);
    await sleep(50);
  }
}

/** A check whether a server sends any response. */
export const answers = (url: string) => async (): Promise<boolean> => {
  await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return true;
};

/**
 * A free port below those that the system uses for outgoing connections: a killed server must get its port back, and a
 * client that retries meanwhile must not get it as its own.
 */
export async function steadyPort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    const isFree = await assertFree(port, "port").then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
}

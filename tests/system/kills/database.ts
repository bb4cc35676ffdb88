import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Postgres, startPostgres } from "@gotong/local/postgres.ts";
import { findPlace } from "@gotong/local/postgres-place.ts";
import type { Part } from "./part.ts";

const RESTARTS = 50;

/** A durable PostgreSQL that can be killed: committed data must survive. */
export class Database implements Part {
  readonly name = "postgres";
  readonly weight = 3;
  readonly #dataDir: string;
  readonly #port: number;
  #server: Postgres | undefined;
  isUp = false;

  constructor(dataDir: string, port: number) {
    this.#dataDir = dataDir;
    this.#port = port;
    // Kills PostgreSQL at exit: it runs in its own process group and would outlive an interrupted run.
    process.once("exit", () => this.isUp && process.kill(this.#pid(), "SIGKILL"));
  }

  get url(): string {
    if (!this.#server) throw new Error("PostgreSQL was never started");
    return this.#server.url;
  }

  async start(): Promise<void> {
    this.#server = await startPostgres({ dataDir: this.#dataDir, port: this.#port });
    this.isUp = true;
  }

  async kill(): Promise<void> {
    this.isUp = false;
    process.kill(this.#pid(), "SIGKILL");
    // Retries: PostgreSQL's session processes notice the killed postmaster only after a short time, and a new one
    // refuses to start until then.
    for (let tries = 1; ; tries += 1) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (tries === RESTARTS) throw error;
        await sleep(100);
      }
    }
  }

  async stop(): Promise<void> {
    this.isUp = false;
    await this.#server?.stop();
  }

  /** The process id in the first line of PostgreSQL's lock file. */
  #pid(): number {
    const pid = Number(readFileSync(join(findPlace(this.#dataDir).dataDir, "postmaster.pid"), "utf8").split("\n")[0]);
    if (!Number.isInteger(pid) || pid <= 1) throw new Error("PostgreSQL's process is not known");
    return pid;
  }
}

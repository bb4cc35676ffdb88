import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { cube } from "@electric-sql/pglite/contrib/cube";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { Clock } from "@gotong/core/platform/clock.ts";
import type { Pool } from "@gotong/core/platform/db/database.ts";
import type { Process, Scheduler } from "./scheduler.ts";

const MIGRATIONS = join(import.meta.dirname, "..", "..", "..", "migrations");
/** Types that the platform's driver returns as strings (`platform/db/pool.ts`), since drizzle parses dates itself. */
const AS_TEXT = [types.DATE, types.TIMESTAMP, types.TIMESTAMPTZ, types.INTERVAL];
const parsers = Object.fromEntries(AS_TEXT.map((type) => [type, (text: string) => text]));
/** Types that the driver also sends as strings, since drizzle has already converted their values. */
const SENT_AS_TEXT = [...AS_TEXT, types.JSON, types.JSONB];
const serializers = Object.fromEntries(SENT_AS_TEXT.map((type) => [type, (value: unknown) => String(value)]));
const RESUME_MS = 30_000;
const SLEEPS_AFTER_MS = 300_000;
const BUSY_MS = 90_000;

/** Opens a real PostgreSQL in this process. It has one connection, so that transactions here never overlap. */
export async function openDatabase(): Promise<PGlite> {
  const db = new PGlite({ parsers, serializers, extensions: { cube, pg_trgm } });
  for (const file of readdirSync(MIGRATIONS).toSorted())
    if (file.endsWith(".sql")) await db.exec(readFileSync(join(MIGRATIONS, file), "utf8"));
  return db;
}

/**
 * Simulates a database that may auto-pause, that fails some commits before or after they take effect, and that closes
 * the sessions of killed processes.
 */
export class Database implements Pool {
  commitFailureRate = 0;
  busyRate = 0;
  canSleep = true;
  /** Number of statements since the start of the simulation. */
  statements = 0;
  readonly #db: PGlite;
  readonly #world: Scheduler;
  #lastUse = -Infinity;
  #isLocked = false;
  readonly #waiting: { process: Process; grant: (release: () => void) => void }[] = [];

  constructor(world: Scheduler, db: PGlite) {
    this.#world = world;
    this.#db = db;
  }

  run: Pool["run"] = async (text, params, as) => {
    const release = await this.#lock();
    // Outside of a transaction a writing statement commits by itself. The network may lose the statement, or its
    // response.
    const fails = !/^\s*select\b/i.test(text) && this.#world.random.chance(this.commitFailureRate);
    const isAfter = this.#world.random.chance(0.5);
    const loseIf = async (isLost: boolean) => {
      if (isLost) throw new Error("the answer of a statement was lost");
    };
    try {
      const rows = await this.#statement(text, params, as, () => loseIf(fails && !isAfter));
      await loseIf(fails);
      return rows;
    } finally {
      release();
    }
  };

  async reserve() {
    const release = await this.#lock();
    let limit = Infinity;
    /**
     * Ends the session with an error: PostgreSQL ends transactions that last too long, and the network may lose a
     * commit or its response.
     */
    const end = async () => {
      await this.#db.query("rollback");
      release();
      throw lost();
    };
    const one: Pool["run"] = async (text, params, as) => {
      // Enforces the transaction timeout in virtual time, so it is not sent to PostgreSQL.
      const [begin, seconds] = /^begin; set local transaction_timeout = '(\d+)s'/.exec(text) ?? [];
      const statement = begin === undefined ? text : text.replace(begin, "begin");
      return this.#statement(statement, params, as, async () => {
        if (seconds !== undefined) limit = this.#world.now + Number(seconds) * 1000;
        const fails = text === "commit" && this.#world.random.chance(this.commitFailureRate);
        const isAfter = this.#world.random.chance(0.5);
        if (this.#world.now > limit || (fails && !isAfter)) await end();
        if (!fails) return;
        await this.#db.query("commit");
        await end();
      });
    };
    // A connection runs its statements in the order in which they were sent, even when they are pipelined.
    let last: Promise<unknown> = Promise.resolve();
    const run: Pool["run"] = (...statement) => {
      const next = last.then(() => one(...statement));
      last = next.catch(() => undefined);
      return next;
    };
    return { run, release };
  }

  async end(): Promise<void> {
    await Promise.resolve();
  }

  async #statement(
    text: string,
    params: unknown[] | undefined,
    as: "rows" | "values" | undefined,
    before: () => Promise<void> = async () => undefined,
  ): Promise<unknown[]> {
    if (this.canSleep && this.#world.now - this.#lastUse > SLEEPS_AFTER_MS)
      await this.#world.op("the database resumes", () => this.#touch(), RESUME_MS);
    return this.#world.op(`sql ${text.replace(/-- \d+/, "").slice(0, 40)}`, async () => {
      this.#touch();
      await before();
      // Replaces the database's clock by the virtual time: an act of one statement is rejected when it arrives late.
      const timed = text.replaceAll("now()", `'${Clock.now().toISOString()}'::timestamptz`);
      const { rows } = await this.#db.query(timed, params, { rowMode: as === "values" ? "array" : "object" });
      return rows;
    });
  }

  #touch(): void {
    this.#lastUse = this.#world.now;
    this.statements += 1;
  }

  /** Waits for the one connection. When a process dies, its connection is released and its transaction rolled back. */
  async #lock(): Promise<() => void> {
    if (this.#world.process().name === "api" && this.#world.random.chance(this.busyRate))
      await this.#world.op("all connections are busy", () => undefined, this.#world.random.int(0, BUSY_MS));
    return new Promise((grant) => {
      this.#waiting.push({ process: this.#world.process(), grant });
      this.#grantNext();
    });
  }

  #grantNext(): void {
    const next = this.#isLocked ? undefined : this.#waiting.shift();
    if (!next) return;
    if (!next.process.isAlive) return this.#grantNext();
    this.#isLocked = true;
    let isMine = true;
    const release = () => {
      if (!isMine) return;
      isMine = false;
      this.#isLocked = false;
      this.#grantNext();
    };
    next.process.onDeath(() => {
      this.#world.after(0, async () => {
        if (!isMine) return;
        await this.#db.query("rollback");
        release();
      });
    });
    next.grant(release);
  }
}

const lost = () => Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });

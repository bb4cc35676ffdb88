import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { freePort } from "@gotong/local/ports.ts";
import { findPlace } from "@gotong/local/postgres-place.ts";
import { type Postgres, startPostgres } from "@gotong/local/postgres.ts";

/** A PostgreSQL server and its streaming replica, each in its own process. */
export interface Replicated {
  readonly primary: Postgres;
  readonly replica: {
    readonly url: string;
    /** Pauses and resumes the replay on the replica. */
    pause(): Promise<void>;
    resume(): Promise<void>;
    /** Waits until the replica shows everything that the primary has committed so far. */
    caughtUp(): Promise<void>;
    kill(): Promise<void>;
  };
  stop(): Promise<void>;
}

/** Starts a primary below `folder`, copies it while it is stopped, and starts the copy as its streaming replica. */
export async function startReplicated(folder: string): Promise<Replicated> {
  const [primaryDir, replicaDir] = [join(folder, "primary"), join(folder, "replica")];
  await (await startPostgres({ dataDir: primaryDir, port: 0, durable: false })).stop();
  const [from, to] = [findPlace(primaryDir), findPlace(replicaDir)];
  rmSync(to.dataDir, { recursive: true, force: true });
  cpSync(from.dataDir, to.dataDir, { recursive: true });
  chmodSync(to.dataDir, 0o700);
  const primary = await startPostgres({ dataDir: primaryDir, port: 0, durable: false });
  writeFileSync(join(to.dataDir, "standby.signal"), "");
  const source = `host=127.0.0.1 port=${primary.port} user=postgres password=postgres`;
  writeFileSync(
    join(to.dataDir, "postgresql.auto.conf"),
    `primary_conninfo = '${source}'\nhot_standby_feedback = on\n`,
  );
  if (to.user) own(to.dataDir, to.user);
  const port = await freePort();
  const server = await launch(to, port);
  const url = primary.url.replace(`:${primary.port}/`, `:${port}/`);
  const on = async <T>(at: string, work: (sql: postgres.Sql) => Promise<T>) => {
    const sql = postgres(at, { max: 1, onnotice: () => undefined });
    try {
      return await work(sql);
    } finally {
      await sql.end();
    }
  };
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = new Promise((resolve) => server.once("close", resolve));
    server.kill("SIGQUIT");
    await ended;
  };
  return {
    primary,
    replica: {
      url,
      // The pause is asynchronous: it takes effect between two WAL records.
      pause: () =>
        on(url, async (sql) => {
          await sql`select pg_wal_replay_pause()`;
          for (let tries = 0; tries < 600; tries += 1) {
            const [row] = await sql<{ state: string }[]>`select pg_get_wal_replay_pause_state() as state`;
            if (row?.state === "paused") return;
            await sleep(50);
          }
          throw new Error("the replica does not pause");
        }),
      resume: () => on(url, (sql) => sql`select pg_wal_replay_resume()`).then(() => undefined),
      async caughtUp() {
        const [row] = await on(
          primary.url,
          (sql) => sql<{ lsn: string }[]>`select pg_current_wal_insert_lsn()::text as lsn`,
        );
        await on(url, async (sql) => {
          for (let tries = 0; tries < 600; tries += 1) {
            const [seen] = await sql<
              { ok: boolean }[]
            >`select pg_last_wal_replay_lsn() >= ${row?.lsn ?? ""}::pg_lsn as ok`;
            if (seen?.ok) return;
            await sleep(50);
          }
          throw new Error("the replica does not catch up");
        });
      },
      kill,
    },
    async stop() {
      await kill();
      await primary.stop();
      // The data directories may be outside `folder`, where the server's user can reach them.
      for (const place of [from, to]) rmSync(place.dataDir, { recursive: true, force: true });
    },
  };
}

function own(folder: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  chownSync(folder, uid, gid);
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    chownSync(join(folder, entry), uid, gid);
}

function launch({ bin, dataDir, user }: ReturnType<typeof findPlace>, port: number): Promise<ChildProcess> {
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", max_connections: "200", fsync: "off" };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const child = spawn(bin.postgres, ["-D", dataDir, "-p", String(port), ...flags], {
    ...user,
    cwd: "/",
    stdio: ["ignore", "ignore", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
      if (output.includes("ready to accept read-only connections")) resolve(child);
    });
    child.on("error", reject);
    child.on("close", () => reject(new Error(`the replica did not start: ${output}`)));
  });
}

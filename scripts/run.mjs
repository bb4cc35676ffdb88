// Runs one of the project's programs on the project's own Node, after making sure that its dependencies are installed.
//   node scripts/run.mjs <file> [arguments…]
// Plain JavaScript without dependencies: this is what runs on whatever Node the machine has.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NODE_MAJOR = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const stamp = join(modules, ".gotong-setup");
const lock = join(root, ".local", "setup.lock");

function fingerprint() {
  const manifests = readdirSync(join(root, "packages")).map((name) => join("packages", name, "package.json"));
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["package.json", "package-lock.json", ...manifests]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(file).update(readFileSync(path));
  }
  return hash.digest("hex");
}

const isReady = (wanted) => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;

/** Installs under a lock: two programs that start at once share one installation. */
async function install(wanted) {
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isReady(wanted)) return;
      if (Date.now() - statSync(lock).mtimeMs > 600_000) rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  try {
    if (isReady(wanted)) return;
    process.stderr.write("Installing dependencies (npm ci) …\n");
    const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: root,
      stdio: ["ignore", 2, 2],
    });
    if (result.status !== 0) fail(`npm ci failed${result.error ? `: ${result.error.message}` : ""}`);
    writeFileSync(stamp, wanted);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  rmSync(lock, { recursive: true, force: true });
  process.exit(1);
}

/** The Node that came with the dependencies, else the running one if it is new enough. */
function node() {
  const own = join(modules, ".bin", "node");
  if (existsSync(own)) return realpathSync(own);
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return process.execPath;
  return fail(
    `This machine (${process.platform} ${process.arch}) gets no Node from the project: install Node ${NODE_MAJOR} and try again.`,
  );
}

const wanted = fingerprint();
if (!isReady(wanted)) await install(wanted);
const child = spawn(node(), process.argv.slice(2), {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}` },
});
// Ctrl-C reaches the whole foreground group; here it only must not end this process before the child has drained.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => fail(error.message));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

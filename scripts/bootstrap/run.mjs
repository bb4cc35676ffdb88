// Runs one of the project's programs on the project's own Node, after it has ensured that the dependencies are
// installed:
// node scripts/bootstrap/run.mjs <file> [arguments…]
// This file runs on any installed Node ≥ 20, so it is plain JavaScript without dependencies.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { endWithParent } from "./parent.mjs";
import { MODULES, ROOT, ensureDependencies } from "./setup.mjs";

/**
 * The minimum version of Node, the first that has argon2 in node:crypto. If npm installs a Node, package.json pins a
 * later one.
 */
const NODE_MIN = [24, 7];
const PRELOAD = new URL("end-with-parent.mjs", import.meta.url).href;

/**
 * Returns the Node that was installed with the dependencies, or else the running one.
 * @throws Error if that is too old
 */
function findNode() {
  const own = join(MODULES, ".bin", "node");
  if (existsSync(own)) return realpathSync(own);
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return process.execPath;
  throw new Error(
    `npm brings no Node for ${process.platform} ${process.arch}, and this one is ${process.versions.node}: install Node ${NODE_MIN.join(".")} or later.`,
  );
}

function run(node, [file, ...rest]) {
  const child = spawn(node, ["--import", PRELOAD, file, ...rest], {
    cwd: ROOT,
    stdio: "inherit",
    env: {
      // Keeps compiled code for the processes that this one starts: each needs a quarter less CPU time.
      NODE_COMPILE_CACHE: join(ROOT, ".local", "compile-cache"),
      ...process.env,
      PATH: `${join(MODULES, ".bin")}${delimiter}${process.env.PATH ?? ""}`,
    },
  });
  // The child drains and exits first, this process after it. Ctrl-C in a terminal has already reached the child, and
  // npm sends it to this process once more: forwarding it would count as a second Ctrl-C.
  const passed = new Set();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (passed.has(signal) || (signal === "SIGINT" && process.stdin.isTTY)) return;
      passed.add(signal);
      child.kill(signal);
    });
  }
  if (process.env.npm_lifecycle_event) endWithParent();
  child.on("error", (error) => end(error));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function end(error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

try {
  await ensureDependencies();
  run(findNode(), process.argv.slice(2));
} catch (error) {
  end(error);
}

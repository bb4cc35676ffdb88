import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { once as oneProcess } from "../evaluate/lock.ts";
import { ROOT } from "../evaluate/evaluations.ts";

const VERSION = "5.2.5";
/**
 * Python packages to install. moto has extras for backends that import more than moto itself; the extra `server`
 * would add 300 MB, most of it for CloudFormation.
 */
const PACKAGES = [`moto[s3,ec2,awslambda]==${VERSION}`, "flask==3.1.3", "flask-cors==6.0.5"];
const FOLDER = join(ROOT, ".local", "moto");
/** The command and environment that run Python with moto and botocore on its path. */
export const PYTHON = { command: "python3", environment: { ...process.env, PYTHONPATH: FOLDER } };
const START_MS = 60_000;

/**
 * Installs moto, the emulator of AWS, into `.local/moto` unless it is there: 116 MB from PyPI.
 * @returns undefined if moto is installed, else a sentence with the reason why it cannot be
 */
export async function ensureMoto(): Promise<string | undefined> {
  const isThere = () => existsSync(join(FOLDER, `moto-${VERSION}.dist-info`));
  if (isThere()) return undefined;
  if (spawnSync(PYTHON.command, ["-m", "pip", "--version"]).status !== 0)
    return "there is no python3 with pip here, so the resources are applied to nothing";
  let failure: string | undefined;
  await oneProcess(
    `${FOLDER}.lock`,
    () => isThere() || failure !== undefined,
    () => {
      process.stderr.write("Installing moto into .local/moto (once) …\n");
      rmSync(FOLDER, { recursive: true, force: true });
      const flags = ["--quiet", "--disable-pip-version-check", "--no-warn-conflicts", "--root-user-action=ignore"];
      const result = spawnSync(PYTHON.command, ["-m", "pip", "install", ...flags, "--target", FOLDER, ...PACKAGES], {
        encoding: "utf8",
      });
      if (result.status !== 0) failure = `moto cannot be installed here: ${result.stderr.trim().split("\n").at(-1)}`;
    },
  );
  return failure;
}

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** Starts moto on a free port of loopback. @throws Error when moto does not respond within 60 s */
export async function startMoto(): Promise<Moto> {
  const child = spawn(PYTHON.command, ["-m", "moto.server", "--host", "127.0.0.1", "--port", "0"], {
    // Makes moto load AWS's managed policies, which are absent by default.
    env: { ...PYTHON.environment, MOTO_IAM_LOAD_MANAGED_POLICIES: "true" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  let said = "";
  const endpoint = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`moto does not answer:\n${said}`)), START_MS);
    child.stderr.on("data", (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk.toString();
      const address = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once("exit", () => reject(new Error(`moto did not start:\n${said}`)));
  });
  return {
    endpoint,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

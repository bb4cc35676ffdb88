import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "./lock.ts";

/**
 * Installs SST's platform (its components and the providers they use) into `.sst` of `root`, in the pinned version,
 * unless it is there. The installation needs the npm registry; it needs no AWS account, Pulumi or Bun.
 * @throws Error with the output of `sst install` when it fails
 */
export async function ensurePlatform(root: string): Promise<void> {
  await once(
    join(root, ".local", "sst-install.lock"),
    () => isInstalled(root),
    () => install(root),
  );
}

/**
 * Installs the dependencies of the policy pack into `infra/policy`, which is a separate package (docs/policy.md),
 * unless they are there.
 * @throws Error with the output of `npm ci` when it fails
 */
export async function ensurePolicyPack(root: string): Promise<void> {
  const folder = join(root, "infra", "policy");
  await once(
    join(root, ".local", "policy-install.lock"),
    () => isPackInstalled(folder),
    () => {
      process.stderr.write("Installing what the policy pack needs into infra/policy (once) …\n");
      const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
      const result = spawnSync("npm", ["ci", ...flags], { cwd: folder, encoding: "utf8" });
      if (result.status !== 0) throw new Error(`npm ci failed in infra/policy:\n${result.stdout}${result.stderr}`);
    },
  );
}

function isPackInstalled(folder: string): boolean {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return Object.entries(dependencies).every(([name, version]) => {
    const file = join(folder, "node_modules", name, "package.json");
    if (!existsSync(file)) return false;
    const installed: { version: string } = JSON.parse(readFileSync(file, "utf8"));
    return installed.version.replace(/^v/, "") === version;
  });
}

/** Returns whether `.sst` contains the version and the providers that sst.config.ts requires. */
function isInstalled(root: string): boolean {
  const versionFile = join(root, ".sst", "platform", "version");
  const lockFile = join(root, ".sst", "provider-lock.json");
  if (!existsSync(versionFile) || !existsSync(lockFile)) return false;
  const config = readFileSync(join(root, "sst.config.ts"), "utf8");
  if (!config.includes(`version: "${readFileSync(versionFile, "utf8").trim()}"`)) return false;
  const wanted = [...(/providers: \{([^}]*)\}/.exec(config)?.[1] ?? "").matchAll(/(\w+): "([^"]+)"/g)];
  const lock: { alias: string; version: string }[] = JSON.parse(readFileSync(lockFile, "utf8"));
  return wanted.every(
    ([, alias, version]) =>
      lock.some((entry) => entry.alias === alias && entry.version === version) &&
      existsSync(join(root, ".sst", "platform", "node_modules", "@pulumi", alias ?? "", "package.json")),
  );
}

function install(root: string): void {
  process.stderr.write("Installing SST's platform into .sst (once) …\n");
  const result = spawnSync(process.execPath, [join(root, "node_modules", "sst", "bin", "sst.mjs"), "install"], {
    cwd: root,
    encoding: "utf8",
    env: {
      ...process.env,
      SST_NO_BUN: "1",
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_TELEMETRY_DISABLED: "1",
      SST_STAGE: "dev",
    },
  });
  if (result.status !== 0 || !isInstalled(root))
    throw new Error(`sst install failed (${result.status}):\n${result.stdout}${result.stderr}`);
}

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { once } from "./lock.ts";
import { ensurePlatform } from "./platform.ts";
import type { Evaluation } from "./resource.ts";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const KEPT = 6;
/** Source files outside of infra that infra imports. */
const SHARED = ["packages/core/src/platform/queue/queues.ts", "packages/api/src/http/app-hosting.ts"];

/**
 * Evaluates every variant of the configuration in `root` in a separate process. The result is cached by a hash of all
 * files on which it depends.
 * @param ids of the variants; all variants if empty
 * @throws Error with the output of the evaluation when any variant fails
 */
export async function evaluateAll(root: string = ROOT, ids: readonly string[] = []): Promise<Evaluation[]> {
  await ensurePlatform(root);
  const folder = join(ROOT, ".local", "infra");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${fingerprint(root, ids)}.json`);
  await once(
    `${file}.lock`,
    () => existsSync(file),
    () => {
      const result = spawnSync(process.execPath, [join(ROOT, "infra/evaluate/main.ts"), root, file, ...ids], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
      });
      if (result.status !== 0) throw new Error(`the evaluation failed:\n${result.stderr}`);
      forgetOld(folder, file);
    },
  );
  return JSON.parse(readFileSync(file, "utf8"));
}

function fingerprint(root: string, ids: readonly string[]): string {
  const hash = createHash("sha256").update(ids.join("\n"));
  const add = (base: string, pattern: string, exclude: readonly string[] = []) => {
    for (const path of globSync(pattern, { cwd: base, exclude }).toSorted())
      hash.update(path).update(readFileSync(join(base, path)));
  };
  for (const pattern of ["sst.config.ts", "infra/**/*.ts", "migrations/*.sql", "packages/core/package.json", ...SHARED])
    add(root, pattern, [
      "infra/policy/**",
      "infra/evaluate/**",
      "infra/diff/**",
      "infra/apply/**",
      "infra/checkov/**",
      "infra/quotas/{account,doctor}.ts",
    ]);
  add(ROOT, "infra/evaluate/*.ts");
  return hash.digest("hex").slice(0, 16);
}

/** Deletes all but the newest cached evaluations; a comparison needs two at a time. */
function forgetOld(folder: string, newest: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name));
  for (const file of files.slice(0, Math.max(0, files.length - KEPT))) if (file !== newest) rmSync(file);
}

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, evaluateAll } from "../evaluate/evaluations.ts";
import { SKIPPED } from "./skipped.ts";
import { terraformOf } from "./terraform.ts";

// `npm run infra -- checkov`: checkov's rules about single resources of AWS, over every reviewed kind of stage. Where checkov is not
// installed (.ci/run installs it into .local/checkov) it says so, and ends with 0.
const STAGES = [
  "production with a domain, warm",
  "production, small",
  "staging",
  "dev",
  "pr-1",
  "tenant-bandung",
  "staging with EKS",
];
const folder = join(ROOT, ".local", "terraform");
const python = { ...process.env, PYTHONPATH: join(ROOT, ".local", "checkov"), LOG_LEVEL: "CRITICAL" };

if (spawnSync("python3", ["-c", "import checkov"], { env: python }).status === 0) process.exitCode = await main();
else process.stdout.write("skipped: there is no checkov here; the resources are checked by our own rules alone\n");

async function main(): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  for (const evaluation of await evaluateAll()) {
    if (!STAGES.includes(evaluation.variant.id)) continue;
    const of = join(folder, evaluation.variant.id.replaceAll(/\W+/g, "-"));
    mkdirSync(of, { recursive: true });
    writeFileSync(join(of, "main.tf.json"), JSON.stringify(terraformOf(evaluation), null, 1));
  }
  const skipped = Object.keys(SKIPPED).join(",");
  const { status } = spawnSync(
    "python3",
    [
      "-m",
      "checkov.main",
      "-d",
      folder,
      "--framework",
      "terraform",
      "--compact",
      "--quiet",
      "--skip-download",
      "--check",
      "CKV_AWS_*",
    ].concat(skipped === "" ? [] : ["--skip-check", skipped]),
    { env: python, stdio: "inherit" },
  );
  return status ?? 1;
}

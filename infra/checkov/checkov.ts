import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as v from "valibot";
import { ROOT } from "../evaluate/evaluations.ts";
import type { Resource } from "../policy/resource.ts";
import { planOf } from "./plan.ts";

const PYTHON = { ...process.env, PYTHONPATH: join(ROOT, ".local", "checkov"), LOG_LEVEL: "CRITICAL" };

const Check = v.object({ check_id: v.string(), check_name: v.string(), resource: v.string(), file_path: v.string() });
const Report = v.object({
  summary: v.object({ resource_count: v.number(), parsing_errors: v.literal(0) }),
  results: v.object({ passed_checks: v.array(Check), failed_checks: v.array(Check) }),
});

/** The result of one checkov rule for one resource. */
export interface Verdict {
  /** The id of the rule, such as `CKV_AWS_27`. */
  readonly check: string;
  readonly says: string;
  readonly plan: string;
  /** The logical name of the resource. */
  readonly resource: string;
  readonly passes: boolean;
}

/** Returns whether checkov is installed: `.ci/run` installs it from PyPI into `.local/checkov`. */
export const hasCheckov = (): boolean =>
  spawnSync("python3", ["-c", "import checkov"], { env: PYTHON, stdio: "ignore" }).status === 0;

/**
 * Runs checkov's rules for single AWS resources over plans.
 * @param plans the resources of each plan, by the plan's name
 * @throws Error when checkov fails, or has not read every plan
 */
export function runCheckov(plans: Readonly<Record<string, readonly Resource[]>>): Verdict[] {
  const folder = mkdtempSync(join(tmpdir(), "gotong-checkov-"));
  const names = Object.keys(plans);
  try {
    let count = 0;
    for (const [index, resources] of Object.values(plans).entries()) {
      const plan = planOf(resources);
      count += plan.resource_changes.length;
      writeFileSync(join(folder, `${index}.json`), JSON.stringify(plan, null, 1)); // indented, since checkov reports faults by line number
    }
    const options = ["--framework", "terraform_plan", "--check", "CKV_AWS_*", "--skip-download", "--soft-fail"];
    const { stdout, stderr } = spawnSync("python3", ["-m", "checkov.main", "-d", folder, ...options, "-o", "json"], {
      encoding: "utf8",
      env: PYTHON,
      maxBuffer: 256 * 1024 * 1024,
    });
    const report = v.safeParse(v.pipe(v.string(), v.parseJson(), Report), stdout);
    if (!report.success) throw new Error(`checkov has not answered with a report: ${stderr.slice(-2000)}`);
    const { summary, results } = report.output;
    if (summary.resource_count !== count)
      throw new Error(`checkov has read ${summary.resource_count} of ${count} resources`);
    return [...results.passed_checks, ...results.failed_checks].map((found) => ({
      check: found.check_id,
      says: found.check_name,
      plan: names[Number(basename(found.file_path, ".json"))] ?? "",
      resource: found.resource.replace(/^[^.]+\./, ""),
      passes: results.passed_checks.includes(found),
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

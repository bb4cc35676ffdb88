import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as v from "valibot";
import { parse } from "yaml";
import { ROOT } from "../../infra/evaluate/evaluations.ts";

// tests/unit/workflows runs the scripts of all steps with stand-ins; this test runs one step for real, which
// evaluates every stage.
const Workflow = v.object({
  jobs: v.record(v.string(), v.looseObject({ steps: v.array(v.looseObject({ run: v.optional(v.string()) })) })),
});

test("the workflow step that prints the change of the bill runs without an error", () => {
  const { jobs } = v.parse(Workflow, parse(readFileSync(join(ROOT, ".github/workflows/test.yml"), "utf8")));
  const run = jobs["check"]?.steps.find((step) => step.run?.includes("cost --since") === true)?.run;
  // Compares with this commit itself, since a shallow checkout may have no further history.
  const { status, stdout } = spawnSync("bash", ["-eo", "pipefail", "-c", String(run).replace("HEAD~1", "HEAD")], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(stdout).toMatch(/bill|nothing to compare|\$\d/);
  expect(status).toBe(0);
}, 600_000);

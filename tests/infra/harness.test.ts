import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";

beforeAll(() => ensurePlatform(ROOT), 600_000);

/** Evaluates a configuration that consists only of `statements`. */
function evaluateProgram(statements: string) {
  const root = mkdtempSync(join(tmpdir(), "gotong-harness-"));
  try {
    symlinkSync(join(ROOT, ".sst"), join(root, ".sst"));
    writeFileSync(
      join(root, "sst.config.ts"),
      `export default $config({ app: () => ({ name: "app", home: "aws" }), async run() { ${statements} } });`,
    );
    const main = join(ROOT, "infra/evaluate/main.ts");
    return spawnSync(process.execPath, [main, root, join(root, "out.json")], { encoding: "utf8", timeout: 90_000 });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test.each([
  ["a lookup without a mock", "aws.ec2.getInstanceTypesOutput({});", /no answer for the look-up aws:ec2/],
  ["an unhandled rejection", `void Promise.reject(new Error("lost in the back"));`, /lost in the back/],
  ["an output that throws", `$output(1).apply(() => { throw new Error("deep inside"); });`, /deep inside/],
  [
    "a component that rejects its arguments",
    `new sst.aws.Bucket("B", { access: "everyone" }); new sst.aws.Bucket("B");`,
    /B/,
  ],
])("the evaluation fails on %s, with its message", (_, statements, reason) => {
  const { status, stderr } = evaluateProgram(statements);
  expect(stderr).toMatch(reason);
  expect(status).toBe(1);
});

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

export interface Verdict {
  readonly passes: boolean;
  readonly output: string;
}

/**
 * Runs integration tests of the code in `root` on the schema of other migrations.
 * @param migrations the folder of the next version, whose schema the code in `root` uses during a release and after a rollback
 * @param files test files, or folders of them, below `root`
 */
export function testOnSchema(root: string, migrations: string, files: readonly string[]): Verdict {
  const vitest = join(createRequire(join(root, "package.json")).resolve("vitest/package.json"), "..", "vitest.mjs");
  // Removes Vitest's variables: when a test calls this, the inner run must not act as a worker of the outer run, nor
  // write its report.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, "run", "--project", "integration", "--reporter", "dot", ...files],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...Object.fromEntries(own), TEST_MIGRATIONS: migrations },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return { passes: status === 0, output: `${stdout}${stderr}` };
}

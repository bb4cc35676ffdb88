import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";
import { describeStage } from "../../infra/stages.ts";

beforeAll(() => ensurePlatform(ROOT), 600_000);

/** The database of a stage, and whether SST refuses its removal, as they are with these settings. */
function evaluateWith(stage: string, variables: Record<string, string>) {
  const variant = JSON.stringify({ id: stage, stage, variables, isDev: false });
  const code = `import { evaluate } from ${JSON.stringify(join(ROOT, "infra/evaluate/evaluate.ts"))};
    const { resources } = await evaluate(${JSON.stringify(ROOT)}, ${variant});
    const { inputs, options } = resources.find(({ name }) => name === "DatabaseCluster");
    process.stdout.write(JSON.stringify({ ...inputs, options }));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 90_000,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

test("protection is switched off by the stage's own name and no other", () => {
  expect(describeStage("tenant-bandung").refusesRemoval).toBe(true);
  expect(describeStage("tenant-bandung", { unprotect: "tenant-bandung" }).refusesRemoval).toBe(false);
  expect(() => describeStage("tenant-bandung", { unprotect: "tenant-solo" })).toThrow(
    'GOTONG_UNPROTECT names "tenant-solo"',
  );
  expect(describeStage("wulan").refusesRemoval).toBe(false);
});

test("without protection the database can be deleted, and still leaves a last snapshot", () => {
  expect(evaluateWith("tenant-bandung", { GOTONG_UNPROTECT: "tenant-bandung" })).toMatchObject({
    deletionProtection: false,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: "gotong-royong-tenant-bandung-final-0a1b2c3d",
  });
});

test("a stage that comes back is made from its last snapshot, and not replaced once the setting is gone", () => {
  const snapshot = "gotong-royong-tenant-bandung-final-0a1b2c3d";
  const made = evaluateWith("tenant-bandung", { GOTONG_DATABASE_SNAPSHOT: snapshot });
  expect(made.snapshotIdentifier).toBe(snapshot);
  expect(made.options.ignoreChanges).toContain("snapshotIdentifier");
});

test("where data is kept, database and evidence have names that refuse a second, empty one; elsewhere they have not", async () => {
  for (const { variant, resources } of await evaluateAll()) {
    if (variant.isDev) continue;
    const inputsOf = (name: string) => resources.find((resource) => resource.name === name)?.inputs ?? {};
    const isKept = describeStage(variant.stage).isProtected;
    const fixed = `gotong-royong-${variant.stage}-`;
    expect(inputsOf("DatabaseCluster")["clusterIdentifier"], variant.id).toBe(isKept ? `${fixed}database` : undefined);
    // SST ends a name that it makes in eight random letters.
    if (isKept) expect(inputsOf("EvidenceBucketBucket")["bucket"]).toBe(`${fixed}evidence-123456789012`);
    const incarnation = resources.find(({ name }) => name === "DatabaseIncarnation");
    expect(incarnation === undefined).toBe(!isKept);
  }
}, 600_000);

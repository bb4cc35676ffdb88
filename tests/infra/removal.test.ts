import { beforeAll, expect, test } from "vitest";
import { type Attempt, evaluateEach } from "../../infra/evaluate/each.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";
import { describeStage } from "../../infra/stages.ts";

const SNAPSHOT = "gotong-royong-tenant-bandung-final-0a1b2c3d";

let attempts: readonly Attempt[];
beforeAll(async () => {
  await ensurePlatform(ROOT);
  attempts = evaluateEach(
    [{ GOTONG_UNPROTECT: "tenant-bandung" }, { GOTONG_DATABASE_SNAPSHOT: SNAPSHOT }].map((variables) => ({
      stage: "tenant-bandung",
      variables,
      isDev: false,
    })),
  );
}, 600_000);

const databaseOf = (attempt: Attempt | undefined) =>
  attempt && "evaluation" in attempt
    ? attempt.evaluation.resources.find(({ name }) => name === "DatabaseCluster")
    : undefined;

test("a stage's protection is disabled only by a setting that contains the name of the stage", () => {
  expect(describeStage("tenant-bandung").refusesRemoval).toBe(true);
  expect(describeStage("tenant-bandung", { unprotect: "tenant-bandung" }).refusesRemoval).toBe(false);
  expect(() => describeStage("tenant-bandung", { unprotect: "tenant-solo" })).toThrow(
    'GOTONG_UNPROTECT names "tenant-solo"',
  );
  expect(describeStage("wulan").refusesRemoval).toBe(false);
});

test("without protection the database can be deleted, and still leaves a final snapshot", () => {
  expect(databaseOf(attempts[0])?.inputs).toMatchObject({
    deletionProtection: false,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: SNAPSHOT,
  });
});

test("a restored stage is created from its final snapshot, and its database is not replaced once the setting is removed", () => {
  const made = databaseOf(attempts[1]);
  expect(made?.inputs["snapshotIdentifier"]).toBe(SNAPSHOT);
  expect(made?.options.ignoreChanges).toContain("snapshotIdentifier");
});

test("only stages that keep data have fixed names of database and evidence bucket: a deployment fails if one with that name exists", async () => {
  for (const { variant, resources } of await evaluateAll()) {
    if (variant.isDev) continue;
    const inputsOf = (name: string) => resources.find((resource) => resource.name === name)?.inputs ?? {};
    const isKept = describeStage(variant.stage).isProtected;
    const fixed = `gotong-royong-${variant.stage}-`;
    expect(inputsOf("DatabaseCluster")["clusterIdentifier"], variant.id).toBe(isKept ? `${fixed}database` : undefined);
    // SST appends eight random letters to the names that it generates.
    if (isKept) expect(inputsOf("EvidenceBucketBucket")["bucket"]).toBe(`${fixed}evidence-123456789012`);
    const incarnation = resources.find(({ name }) => name === "DatabaseIncarnation");
    expect(incarnation === undefined).toBe(!isKept);
  }
}, 600_000);

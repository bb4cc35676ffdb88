import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { create, keygen } from "@gotong/ops/backup/command.ts";
import { run } from "@gotong/ops/command.ts";
import { COMMANDS } from "@gotong/ops/commands.ts";
import { digestOf } from "../../harness/digest.ts";
import { submitPhoto } from "../../harness/evidence.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Commands that work on an AWS account, each with the test that runs it with --dry-run against a fake of the account. */
const OF_AN_ACCOUNT: Readonly<Record<string, string>> = {
  release: "tests/unit/operator/release/release.test.ts",
  rollback: "tests/unit/operator/release/release.test.ts",
  "keys rotate": "tests/unit/operator/commands.test.ts",
  "tenant create": "tests/unit/operator/tenants.test.ts",
  "tenant upgrade": "tests/unit/operator/tenants.test.ts",
  "tenant remove": "tests/unit/operator/tenants.test.ts",
};
/** Commands that reject a community with members, each with the test that runs it with --dry-run. */
const OF_AN_EMPTY_COMMUNITY: Readonly<Record<string, string>> = {
  seed: "tests/integration/operator/more-commands.test.ts",
};

/** Returns every object with a hash of its content. */
async function bucket(): Promise<string> {
  const { sdk, client } = await Storage.open();
  const { S3_BUCKET: Bucket } = Config.section("storage");
  const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket }));
  return JSON.stringify(Contents.map(({ Key, ETag }) => `${Key} ${ETag}`).toSorted());
}

test("every command with --dry-run changes no row and no object", async () => {
  const work = mkdtempSync(join(tmpdir(), "gotong-dry-"));
  const step = { cursor: undefined, progress: () => undefined, isOver: () => false };
  const identity = join(work, "identity");
  const { recipient } = v.parse(v.object({ recipient: v.string() }), (await keygen(identity)).data);
  const member = await platform.person(["verifier"]);
  await submitPhoto(member, await contributionOf(member));
  platform.markov.misbehave({ count: 1, status: 422 });
  await contributionOf(member);
  const waiting = (query: string) => async () => (await platform.sql.unsafe(query)).length;
  await until(waiting("select 1 from webhook_failures"), (count) => count > 0);
  await until(waiting("select 1 from evidence where status = 'examining'"), (count) => count === 0);
  await until(waiting("select 1 from webhook_events where status = 'pending'"), (count) => count === 0);
  // Creates an expired row, so that retention has something to delete.
  await platform.sql`insert into quotas (key, used, expires_at) values (${"a".repeat(64)}, 1, now() - interval '1 day')`;
  await create(join(work, "backup"), { recipient }, step);

  const rows: Readonly<Record<string, readonly string[]>> = {
    "migrate up": [],
    "users grant": [member.email, "admin"],
    "users revoke": [member.email, "verifier"],
    "users verify-email": [member.email],
    "users reset-mfa": [member.email],
    "users reseal-mfa": [],
    "dlq redrive": [],
    reconcile: [],
    "retention run": [],
    "backup create": [join(work, "another"), "--recipient", recipient],
    restore: [
      join(work, "backup"),
      "--identity",
      identity,
      "--to",
      "postgres://127.0.0.1:1/nothing",
      "--bucket",
      "nothing",
    ],
  };
  const dry = COMMANDS.filter(({ options = [] }) => options.some(([flag]) => flag === "--dry-run"));
  expect(dry.map(({ name }) => name).toSorted()).toEqual(
    [...Object.keys(rows), ...Object.keys(OF_AN_ACCOUNT), ...Object.keys(OF_AN_EMPTY_COMMUNITY)].toSorted(),
  );
  const everything = async () => `${await digestOf(platform.sql)}\n${await bucket()}`;
  const before = await everything();
  expect(await bucket()).not.toBe("[]");
  for (const [name, words] of Object.entries(rows)) {
    const said = await run([...name.split(" "), ...words, "--dry-run"], () => undefined);
    expect(said, name).toMatch(/nothing was (done|sent)|would/);
    expect(await everything(), name).toBe(before);
  }
  expect(existsSync(join(work, "another"))).toBe(false);
  rmSync(work, { recursive: true });
});

test("each command that works on an AWS account is run with --dry-run in the test that is listed for it", () => {
  for (const [name, file] of Object.entries({ ...OF_AN_ACCOUNT, ...OF_AN_EMPTY_COMMUNITY }))
    expect(readFileSync(join(ROOT, file), "utf8"), name).toMatch(/dryRun: true|"--dry-run"/);
});

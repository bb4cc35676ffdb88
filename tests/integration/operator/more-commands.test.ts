import { expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { run } from "@gotong/ops/command.ts";
import { parse } from "@gotong/ops/program.ts";
import { seed } from "@gotong/ops/seed.ts";
import * as users from "@gotong/ops/users.ts";
import type { Step } from "@gotong/ops/outcome.ts";
import { digestOf } from "../../harness/digest.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const quiet = () => undefined;
const gotong = (...words: string[]) => run(words, quiet);
const asOperator = <T>(work: () => Promise<T>) =>
  Actor.run({ type: "system", name: Actor.COMMAND_LINE }, Id.uuid(), work);

const database = () => digestOf(platform.sql);

// This test comes first, because it needs a database without members.
test("gotong seed creates a reproducible community, rejects a stage with members, and changes nothing with --dry-run", async () => {
  const before = await database();
  expect(await gotong("seed", "--members", "12", "--dry-run")).toContain("nothing was done");
  expect(await database()).toBe(before);
  expect(await gotong("seed", "--members", "12")).toBe(
    "made 12 members, 8 skills, 60 tasks, 120 contributions, 60 vouches\n",
  );
  const names = async () =>
    (await platform.sql`select id, bio from users order by username`).map((row) => [row["id"], row["bio"]]);
  const first = await names();
  await expect(gotong("seed")).rejects.toThrow("has members already");
  const clear = () =>
    platform.sql.unsafe(
      "set client_min_messages = warning; truncate users, skills, tasks, contributions, vouches cascade",
    );
  await clear();
  await gotong("seed", "--members", "12");
  expect(await names()).toEqual(first);
  await clear();
  await gotong("seed", "--members", "12", "--seed", "2");
  expect(await names()).not.toEqual(first);
  await expect(seed({ members: "0" }, { cursor: undefined, progress: quiet, isOver: () => false })).rejects.toThrow(
    "--members must be at least 1",
  );
  await clear();
});

test("gotong users list pages through all members without their mail addresses, and filters by role", async () => {
  const verifier = await platform.person(["verifier"]);
  await platform.person();
  const lines: string[] = [];
  const step: Step = { cursor: undefined, progress: (line) => void lines.push(line), isOver: () => false };
  const outcome = await asOperator(() => users.list({ role: "verifier" }, step));
  expect(outcome).toMatchObject({ data: { count: 1 } });
  expect(lines).toEqual([expect.stringContaining(verifier.id)]);
  expect(lines.join()).not.toContain("@");
  await expect(asOperator(() => users.list({ role: "boss" }, step))).rejects.toThrow("--role must be");
  await expect(users.list({}, step)).rejects.toThrow();
});

test("commands about members with --dry-run print what they would do, change no row and send no mail", async () => {
  const member = await platform.person(["verifier"]);
  const before = await database();
  const queued = platform.logs.length;
  for (const words of [
    ["grant", member.email, "admin"],
    ["revoke", member.email, "verifier"],
    ["verify-email", member.email],
    ["reset-mfa", member.email],
    ["reseal-mfa"],
  ])
    expect(await gotong("users", ...words, "--dry-run"), words.join(" ")).toMatch(/nothing was done\n$/);
  expect(await database()).toBe(before);
  expect(platform.logs.slice(queued).filter((line) => line.includes("mail"))).toEqual([]);
});

test("gotong users revoke removes a role, writes to the audit log, and leaves at least one admin", async () => {
  const [first, second] = [await platform.person(["admin"]), await platform.person(["admin", "verifier"])];
  expect(await gotong("users", "revoke", second.email, "verifier")).toMatch(/ has the roles contributor, admin\n$/);
  expect(await gotong("users", "revoke", second.email, "verifier")).toMatch(/ did not have the role verifier\n$/);
  await gotong("users", "revoke", second.email, "admin");
  await expect(gotong("users", "revoke", first.email, "admin")).rejects.toThrow("LAST_ADMIN");
  await expect(gotong("users", "revoke", first.email, "contributor")).rejects.toThrow("every member is a contributor");
  await expect(gotong("users", "revoke", "stranger@example.org", "admin")).rejects.toThrow("there is no account");
  const rows =
    await platform.sql`select details from audit_log where target_id = ${second.id} and action = 'user.roles'`;
  expect(rows.at(-1)?.["details"]).toMatchObject({ before: ["contributor", "admin"], after: ["contributor"] });
});

test("gotong retention run deletes rows past their retention; --dry-run counts them and deletes nothing", async () => {
  await platform.sql`insert into quotas (key, used, expires_at) select lpad(to_hex(n), 64, '0'), 1, now() - interval '1 day' from generate_series(1, 7) n`;
  const before = await database();
  expect(await gotong("retention", "run", "--dry-run")).toBe(
    "quotas: 7\n7 would be removed in a first batch; nothing was done\n",
  );
  expect(await database()).toBe(before);
  expect(await gotong("retention", "run")).toBe("quotas: 7\n7 records were removed\n");
  expect(await gotong("retention", "run")).toBe("0 records were removed\n");
});

test("gotong migrate status lists the applied migrations, and migrate up finds nothing to apply", async () => {
  const status = await gotong("migrate", "status");
  expect(status).toMatch(/^applied {2}0000_tables\.sql$/m);
  expect(status).not.toContain("pending");
  expect(await gotong("migrate", "up")).toBe("nothing to apply\n");
  expect(await gotong("migrate", "up", "--dry-run")).toBe("nothing was done\n");
  expect(parse(["migrate"])).toMatchObject({ command: { name: "migrate up" } });
});

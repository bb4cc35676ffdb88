import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { check, create, drill, keygen, restore } from "@gotong/ops/backup/command.ts";
import type { Outcome, Step } from "@gotong/ops/outcome.ts";
import { usePlatform } from "../../harness/platform.ts";
import { sized } from "../../harness/size.ts";

const platform = usePlatform({ workers: false });
const ROWS = sized(4_000, 100_000);
const OBJECTS = sized(30, 1_000);
const step: Step = { cursor: undefined, progress: () => undefined, isOver: () => false };
let work: string;
let recipient: string;
let identity: string;

const id = (n: string) => `('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
const uuidOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const bytesOf = (n: number) => Buffer.from(`photograph ${n}\n`.repeat(200));

beforeAll(
  async () => {
    work = await mkdtemp(join(tmpdir(), "gotong-backup-test-"));
    identity = join(work, "identity");
    recipient = v.parse(v.object({ recipient: v.string() }), (await keygen(identity)).data).recipient;
    const member = await platform.person();
    const owner = `'${member.id}'::uuid`;
    await platform.sql.unsafe(
      `insert into audit_log (id, actor_id, action, target_type, target_id, request_id, details)
     select ${id("n")}, ${owner}, 'a', 't', E'tab\\t, line\\n, \\\\N and ünïcode ' || n, 'r', '{"n": 1.10}' from generate_series(1, ${ROWS}) n`,
    );
    const numbers = `from generate_series(1, ${OBJECTS}) n`;
    await platform.sql.unsafe(
      `insert into contributions (id, user_id, contribution_type, title) select ${id("n")}, ${owner}, 'custom', 'Done ' || n ${numbers}`,
    );
    for (let n = 1; n <= OBJECTS; n += 1) {
      const sha256 = createHash("sha256").update(bytesOf(n)).digest("hex");
      await platform.sql`insert into uploads (id, contribution_id, user_id, object_key, file_name, content_type, size_bytes, sha256, expires_at)
      values (${uuidOf(n)}, ${uuidOf(n)}, ${member.id}, ${`photos/${n}`}, 'f', 'image/jpeg', 60000, ${sha256}, now())`;
      await platform.sql`insert into evidence (id, contribution_id, submitted_by, evidence_type, status, claimed_at, media_hash, upload_id, decided_at)
      values (${uuidOf(n)}, ${uuidOf(n)}, ${member.id}, 'photo_with_timestamp', 'accepted', now(), ${sha256}, ${uuidOf(n)}, now())`;
      // The last object is missing in the bucket.
      if (n < OBJECTS) await Storage.write(`photos/${n}`, "image/jpeg", bytesOf(n));
    }
  },
  sized(60_000, 600_000),
);
afterAll(() => rm(work, { recursive: true }));

/**
 * Returns a hash of every row of every table and of every object. Equal hashes mean that nothing changed, or that
 * everything was restored.
 */
async function everything(): Promise<string> {
  const hash = createHash("sha256");
  const tables = await platform.sql`select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  for (const { name } of tables) {
    const [row] =
      await platform.sql`select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as all from ${platform.sql(String(name))} t`;
    hash.update(`${String(name)} ${String(row?.["all"])}\n`);
  }
  for (let n = 1; n < OBJECTS; n += 1) hash.update(await Storage.read(`photos/${n}`, undefined));
  return hash.digest("hex");
}

const dataOf = (outcome: Outcome) => v.parse(v.record(v.string(), v.unknown()), outcome.data);

test(
  "a backup drill restores every row and every file with equal hashes, prints RPO and RTO, and changes nothing",
  async () => {
    const before = await everything();
    const outcome = await drill(step);
    process.stdout.write(outcome.text);
    expect(outcome.text).toMatch(/RPO: what was committed in the last [\d.]+ (s|minutes) is lost/);
    expect(outcome.text).toMatch(/RTO: the restore took [\d.]+ (s|minutes)/);
    const data = dataOf(outcome);
    expect(Number(data["rows"])).toBeGreaterThan(ROWS + OBJECTS * 3);
    expect(data["objects"]).toBe(OBJECTS - 1);
    expect(await everything()).toBe(before);
    const [scratch] =
      await platform.sql`select count(*)::int as n from pg_database where datname like 'gotong_drill_%'`;
    expect(scratch?.["n"]).toBe(0);
  },
  sized(60_000, 1_800_000),
);

test(
  "a backup lists the files that are missing in the bucket, and nothing in it can be read without the key",
  async () => {
    const folder = join(work, "first");
    const made = dataOf(await create(folder, { recipient }, step));
    expect(made["missing"]).toEqual([`photos/${OBJECTS}`]);
    for (const file of ["manifest.age", "tables/audit_log.age"]) {
      const bytes = await readFile(join(folder, file));
      expect(bytes.subarray(0, 21).toString()).toBe("age-encryption.org/v1");
      expect(bytes.includes("photograph") || bytes.includes("audit_log")).toBe(false);
    }
    expect((await check(folder, { identity })).text).toContain("is whole");
    const other = join(work, "other");
    await keygen(other);
    await expect(check(folder, { identity: other })).rejects.toThrow("manifest.age was encrypted for another key");
  },
  sized(60_000, 600_000),
);

test(
  "a corrupted backup is rejected with the name of the broken file, and nothing is restored",
  async () => {
    const folder = join(work, "first");
    const target = { identity, to: "postgres://127.0.0.1:1/nothing", bucket: "nothing" };
    const objects = (await readdir(join(folder, "objects"))).toSorted();
    const [one = "", two = ""] = objects;
    const damage: readonly (readonly [string, (path: string) => Promise<unknown>, string])[] = [
      [
        "tables/audit_log.age",
        async (path) => {
          const bytes = await readFile(path);
          const at = Math.floor(bytes.length / 2);
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          return writeFile(path, bytes);
        },
        "tables/audit_log.age was changed or cut",
      ],
      [
        "tables/users.age",
        async (path) => writeFile(path, (await readFile(path)).subarray(0, -40)),
        "tables/users.age was changed or cut",
      ],
      [`objects/${one}`, (path) => rm(path), `objects/${one} is missing`],
      // A valid encrypted file, but with the content of another path.
      [
        `objects/${one}`,
        (path) => copyFile(join(folder, "objects", two), path),
        `objects/${one} is not the file of this backup`,
      ],
      ["manifest.age", (path) => writeFile(path, "age-encryption.org/v1\n"), "manifest.age was changed or cut"],
    ];
    for (const [file, spoil, message] of damage) {
      const path = join(folder, file);
      const whole = await readFile(path);
      await spoil(path);
      // The target's database does not exist, so any access to it would fail with another message.
      await expect(restore(folder, target, step), file).rejects.toThrow(message);
      await writeFile(path, whole);
    }
    expect((await restore(folder, { ...target, dryRun: true }, step)).text).toContain("nothing was done");
  },
  sized(60_000, 600_000),
);

test("a restore into a database that is not empty is rejected", async () => {
  const to = platform.variables["DATABASE_URL"];
  const before = await everything();
  await expect(restore(join(work, "first"), { identity, to, bucket: "other" }, step)).rejects.toThrow("is not empty");
  expect(await everything()).toBe(before);
});

test("missing options of a backup and a restore are reported by name; --dry-run writes nothing", async () => {
  await expect(create(join(work, "x"), {}, step)).rejects.toThrow("--recipient age1");
  await expect(restore(join(work, "first"), {}, step)).rejects.toThrow("--identity <file>");
  await expect(restore(join(work, "first"), { identity }, step)).rejects.toThrow("--to postgres://");
  expect((await create(join(work, "x"), { recipient, dryRun: true }, step)).text).toContain("nothing was done");
  expect(await readdir(work)).not.toContain("x");
  await expect(keygen(identity)).rejects.toThrow("EEXIST");
});

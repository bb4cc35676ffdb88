import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
let restoreClock: (() => void) | undefined;
afterEach(() => {
  restoreClock?.();
  restoreClock = undefined;
  Config.use(platform.variables);
});

const newName = () => `n-${randomBytes(6).toString("hex")}`;
const nameOf = async (person: Person) => String((await person.get("/v1/me")).json["username"]);
const rename = async (person: Person, username: string) => {
  const answer = await person.send("PATCH", "/v1/me", { username });
  return answer.status === 200 ? "200" : problem(answer);
};
const register = async (username: string) => {
  const email = `m.${randomBytes(6).toString("hex")}@example.org`;
  const body = { username, email, password: "another calm river" };
  const answer = await platform.request("POST", "/v1/auth/register", { body });
  return answer.status === 201 ? "201" : problem(answer);
};
const afterDays = (days: number) => {
  restoreClock = Clock.set(() => new Date(Date.now() + days * 86_400_000));
};

test("a former username becomes available to others after 90 days, and to its former owner at once", async () => {
  const [owner, other, leaver] = [await platform.person(), await platform.person(), await platform.person()];
  const [first, second, left] = [await nameOf(owner), newName(), await nameOf(leaver)];
  expect(await rename(owner, second)).toBe("200");
  await leaver.send("DELETE", "/v1/me", { password: leaver.password });
  for (const name of [first, first.toUpperCase(), left]) {
    expect(await rename(other, name), name).toBe("409 USERNAME_TAKEN");
    expect(await register(name), name).toBe("409 USERNAME_TAKEN");
  }
  expect(await rename(owner, first)).toBe("200");
  expect(await rename(owner, second)).toBe("200");
  afterDays(89);
  expect(await register(first)).toBe("409 USERNAME_TAKEN");
  restoreClock?.();
  afterDays(91);
  expect([await register(first), await register(left)]).toEqual(["201", "201"]);
});

test("a reserved username is stored only as a keyed hash, loses its owner when the account is deleted, and expires", async () => {
  const member = await platform.person();
  const [first, second] = [await nameOf(member), newName()];
  await rename(member, second);
  await member.send("DELETE", "/v1/me", { password: member.password });
  const rows = await platform.sql`select to_jsonb(f)::text as text from former_usernames f`;
  const text = rows.map((row) => String(row["text"])).join();
  for (const trace of [first, second, member.id]) expect(text).not.toContain(trace);
  expect(await register(first)).toBe("409 USERNAME_TAKEN");
  afterDays(91);
  await Retention.removeExpired();
  expect(await platform.sql`select 1 from former_usernames where owner_id is null`).toHaveLength(0);
});

test("a member may change the username three times within the reservation period, and may always take back a former username", async () => {
  const member = await platform.person();
  const names = [await nameOf(member), newName(), newName(), newName()];
  for (const name of names.slice(1)) expect(await rename(member, name)).toBe("200");
  const refused = await member.send("PATCH", "/v1/me", { username: newName() });
  expect([problem(refused), refused.json["detail"]]).toEqual([
    "422 RULE_VIOLATED",
    "The username can be changed 3 times within 90 days. You can take a former one back.",
  ]);
  expect(await nameOf(member)).toBe(names[3]);
  for (const name of names) expect(await register(name), name).toBe("409 USERNAME_TAKEN");
  // Taking back one's own former names reserves no further name, and makes no name available to others.
  for (const name of [names[0], names[2], names[1], names[3]]) expect(await rename(member, name ?? "")).toBe("200");
  expect(await rename(member, newName())).toBe("422 RULE_VIOLATED");
  for (const name of names) expect(await register(name), name).toBe("409 USERNAME_TAKEN");
  expect(await platform.sql`select 1 from former_usernames where owner_id = ${member.id}`).toHaveLength(4);
  // The limit of username changes does not apply to a request that repeats the current username.
  expect((await member.send("PATCH", "/v1/me", { username: names[3], bio: "Here." })).status).toBe(200);
  afterDays(91);
  expect(await register(names[0] ?? "")).toBe("201");
});

test("only three of ten concurrent username changes succeed, and every former name is reserved", async () => {
  const member = await platform.person();
  const first = await nameOf(member);
  const names = Array.from({ length: 10 }, newName);
  const answers = await Promise.all(names.map((name) => rename(member, name)));
  expect(answers.toSorted()).toEqual([...Array<string>(3).fill("200"), ...Array<string>(7).fill("422 RULE_VIOLATED")]);
  for (const name of [first, ...names.filter((_, index) => answers[index] === "200")])
    expect(await register(name), name).toBe("409 USERNAME_TAKEN");
});

test("with the reservation period set to 0, a former username is free at once and changes are not limited", async () => {
  const member = await platform.person();
  Config.use({ ...platform.variables, USERNAME_FREE_AFTER_DAYS: "0" });
  const first = await nameOf(member);
  for (let round = 0; round < 5; round += 1) expect(await rename(member, newName())).toBe("200");
  expect(await register(first)).toBe("201");
});

test("a registration with a username is rejected while the owner of that username is changing it", async () => {
  const owner = await platform.person();
  const name = await nameOf(owner);
  let asked: Promise<string> | undefined;
  let renamed: Promise<string> | undefined;
  await platform.sql.begin(async (tx) => {
    // Blocks the owner's transaction after it has changed the username and before it commits.
    await tx`lock table former_usernames in share mode`;
    renamed = rename(owner, newName());
    const waiting = (count: number) =>
      until(
        () =>
          platform.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        (rows) => rows.length === count,
      );
    await waiting(1);
    asked = register(name);
    await waiting(2);
  });
  expect([await renamed, await asked]).toEqual(["200", "409 USERNAME_TAKEN"]);
});

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { deliverMail, mailsTo } from "../../harness/mail.ts";
import { type Answer, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { until } from "../../harness/scenes.ts";
import { freshPassword } from "../../harness/factories.ts";

const platform = usePlatform({ workers: true });
const dir = mkdtempSync(join(tmpdir(), "gotong-registration-"));
afterAll(() => rmSync(dir, { recursive: true }));
/**
 * The tests' settings without their loose membership limits, so that the default limits apply. The request limit of an
 * address stays loose.
 */
function defaults(own: Record<string, string> = {}): Record<string, string> {
  const { REGISTRATION_LIMIT_PER_DAY, VOUCH_LIMIT_PER_DAY, VOUCH_MINIMUM_REPUTATION, EMAIL_PROOF_REQUIRED, ...rest } =
    platform.variables;
  void [REGISTRATION_LIMIT_PER_DAY, VOUCH_LIMIT_PER_DAY, VOUCH_MINIMUM_REPUTATION, EMAIL_PROOF_REQUIRED];
  return { ...rest, MAIL_DIR: dir, ...own };
}
beforeEach(() => Config.use({ ...platform.variables, MAIL_DIR: dir }));

function register(
  address: string,
  own: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const tag = randomBytes(6).toString("hex");
  const account = { username: `u-${tag}`, email: `m.${tag}@example.org`, password: freshPassword() };
  return platform.request("POST", "/v1/auth/register", { body: { ...account, ...own }, address, headers });
}
const statusesOf = (answers: readonly Answer[]) =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => String(status))].map(([status, same]) => [status, same.length]),
  );
const verify = (ids: readonly string[]) =>
  platform.sql`update users set email_verified_at = now() where id in ${platform.sql(ids)}`;

test("vouches of forty new accounts for one member add no reputation, with verified addresses or without", async () => {
  const target = await platform.person();
  Config.use(defaults());
  const made: Answer[] = [];
  for (let round = 0; round < 4; round += 1)
    made.push(...(await Promise.all(Array.from({ length: 10 }, () => register("198.51.100.7")))));
  expect(statusesOf(made)).toEqual({ 201: 40 });
  const vouch = (answer: Answer) =>
    platform.request("POST", "/v1/vouches", {
      token: String(answer.json["access_token"]),
      body: { vouchee_id: target.id, weight_hint: "strong" },
    });
  const unproven = await Promise.all(made.map(vouch));
  expect(new Set(unproven.map(problem))).toEqual(new Set(["403 EMAIL_NOT_VERIFIED"]));
  await verify(made.map((answer) => String(answer.json["user"]?.["id"])));
  const proven = await Promise.all(made.map(vouch));
  expect(new Set(proven.map(problem))).toEqual(new Set(["422 REPUTATION_TOO_LOW"]));
  expect(String(proven[0]?.json["detail"])).toMatch(/at least 25.*invitation/);
  expect(await platform.sql`select 1 from vouches where vouchee_id = ${target.id}`).toHaveLength(0);
  expect(platform.markov.ledger.reputation(target.id)).toBeUndefined();
});

test("in a new community, admins and invited members may vouch, and their vouches give other members reputation", async () => {
  const [admin, first] = [await platform.person(["admin"]), await platform.person()];
  const guests: string[] = [];
  for (const name of ["one", "two"]) {
    const email = `${name}.${randomBytes(4).toString("hex")}@example.org`;
    await admin.post("/v1/invitations", { email });
    await until(
      () => mailsTo(dir, email).length,
      (count) => count > 0,
    );
    const invitation = /Token: (\S+)/.exec(mailsTo(dir, email)[0] ?? "")?.[1];
    const joined = await register("198.51.100.8", { email, invitation });
    guests.push(String(joined.json["access_token"]));
  }
  Config.use(defaults());
  await verify([admin.id, first.id]);
  const vouch = (token: string, vouchee_id: string) =>
    platform.request("POST", "/v1/vouches", { token, body: { vouchee_id, weight_hint: "strong" } });
  expect((await vouch(admin.token, first.id)).status).toBe(201);
  for (const token of guests) expect((await vouch(token, first.id)).status).toBe(201);
  // An invited member may vouch without reputation, but not for the member who invited them.
  expect(problem(await vouch(guests[0] ?? "", admin.id))).toBe("422 REPUTATION_TOO_LOW");
  const known = await until(
    () => platform.markov.ledger.reputation(first.id),
    (reputation) => reputation?.vouches_received === 3,
  );
  expect(known).toMatchObject({ vouches_received: 3, reputation_score: 9 });
});

test("a member may vouch ten times a day, even concurrently, and rejected vouches do not count", async () => {
  const admin = await platform.person(["admin"]);
  const vouchees = await Promise.all(Array.from({ length: 14 }, () => platform.person()));
  Config.use(defaults());
  await verify([admin.id]);
  expect(problem(await admin.post("/v1/vouches", { vouchee_id: admin.id }))).toBe("422 RULE_VIOLATED");
  const answers = await Promise.all(vouchees.map(({ id }) => admin.post("/v1/vouches", { vouchee_id: id })));
  expect(statusesOf(answers)).toEqual({ 201: 10, 429: 4 });
  const back = Clock.set(() => new Date(Date.now() + 86_401_000));
  try {
    const [{ id } = { id: "" }] = vouchees.filter((_, index) => answers[index]?.status === 429);
    const token = String(
      (await platform.request("POST", "/v1/auth/login", { body: { email: admin.email, password: admin.password } }))
        .json["access_token"],
    );
    expect((await platform.request("POST", "/v1/vouches", { token, body: { vouchee_id: id } })).status).toBe(201);
  } finally {
    back();
  }
});

test("registrations are limited per client address and day; registrations with a taken username do not count", async () => {
  Config.use(defaults({ REGISTRATION_LIMIT_PER_DAY: "5" }));
  const taken = await register("192.0.2.50");
  const { username } = taken.json["user"] ?? {};
  for (let tries = 0; tries < 6; tries += 1)
    expect(problem(await register("192.0.2.50", { username }))).toBe("409 USERNAME_TAKEN");
  const answers = await Promise.all(Array.from({ length: 10 }, () => register("192.0.2.50")));
  expect(statusesOf(answers)).toEqual({ 201: 4, 429: 6 });
  const refused = answers.find(({ status }) => status === 429);
  expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThan(86_000);
  expect(refused?.json["detail"]).toMatch(/^At most 5 accounts a day can be created from one address/);
  const audited =
    await platform.sql`select action, target_type from audit_log where target_id = ${String(taken.json["user"]?.["id"])}`;
  expect(audited.map((row) => ({ ...row }))).toEqual([{ action: "user.register", target_type: "user" }]);
  expect((await register("192.0.2.51")).status).toBe(201);
  const rows = await platform.sql`select key from quotas`;
  expect(JSON.stringify(rows)).not.toContain("192.0.2");
  const back = Clock.set(() => new Date(Date.now() + 86_401_000));
  try {
    expect((await register("192.0.2.50")).status).toBe(201);
  } finally {
    back();
  }
});

test.each(["without", "with"])(
  "attempts to find out which e-mail addresses are registered count towards the registration limit, %s an idempotency key",
  async (key) => {
    Config.use(defaults({ REGISTRATION_LIMIT_PER_DAY: "5" }));
    const address = key === "with" ? "192.0.2.70" : "192.0.2.71";
    const { email } = await platform.person();
    const answers: string[] = [];
    for (let tries = 0; tries < 8; tries += 1)
      answers.push(
        problem(
          await register(
            address,
            { email },
            key === "with" ? { "idempotency-key": randomBytes(8).toString("hex") } : {},
          ),
        ),
      );
    expect(answers).toEqual([...Array(5).fill("409 EMAIL_TAKEN"), ...Array(3).fill("429 RATE_LIMITED")]);
    expect(problem(await register(address))).toBe("429 RATE_LIMITED");
  },
);

test("registrations over IPv6 are counted for the /64, the /56 and the /48, and each larger network has a higher limit", async () => {
  Config.use(defaults({ REGISTRATION_LIMIT_PER_DAY: "3" }));
  const count = async (addresses: readonly string[]) => {
    const answers: Answer[] = [];
    for (const address of addresses) answers.push(await register(address));
    return statusesOf(answers);
  };
  const times = Array.from({ length: 8 }, (_, index) => index.toString(16));
  expect(await count(times.map((each) => `2001:db8:1:100::${each}`))).toEqual({ 201: 3, 429: 5 });
  expect(await count(times.map((each) => `2001:db8:2:10${each}::1`))).toEqual({ 201: 6, 429: 2 });
  expect(await count([...times, ...times].map((each, index) => `2001:db8:3:${each}${index % 10}00::1`))).toEqual({
    201: 12,
    429: 4,
  });
});

test("invited registrations have a separate limit, so an address at its limit can still accept guests", async () => {
  const admin = await platform.person(["admin"]);
  const email = `guest.${randomBytes(4).toString("hex")}@example.org`;
  await admin.post("/v1/invitations", { email });
  await until(
    () => mailsTo(dir, email).length,
    (count) => count > 0,
  );
  Config.use(defaults({ REGISTRATION_LIMIT_PER_DAY: "1" }));
  expect((await register("192.0.2.60")).status).toBe(201);
  expect((await register("192.0.2.60")).status).toBe(429);
  const invitation = /Token: (\S+)/.exec(mailsTo(dir, email)[0] ?? "")?.[1];
  expect((await register("192.0.2.60", { email, invitation })).status).toBe(201);
  await deliverMail();
});

import { mkdtempSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { User } from "@gotong/core/domain/user/index.ts";
import { run } from "@gotong/ops/command.ts";
import { deliverMail, mailsTo } from "../../harness/mail.ts";
import { usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { freshPassword } from "../../harness/factories.ts";

const platform = usePlatform({ workers: false });
const dir = mkdtempSync(join(tmpdir(), "gotong-invitation-"));
afterAll(() => rmSync(dir, { recursive: true }));
const settings = (own: Record<string, string> = {}) => ({ ...platform.variables, MAIL_DIR: dir, ...own });
const CLOSED = { REGISTRATION: "invitation", EMAIL_PROOF_REQUIRED: "true" };
beforeEach(() => Config.use(settings()));

const guest = () => `guest.${randomBytes(6).toString("hex")}@example.org`;
const register = (email: string, invitation?: string, address?: string) =>
  platform.request("POST", "/v1/auth/register", {
    ...(address === undefined ? {} : { address }),
    body: {
      username: `u-${randomBytes(6).toString("hex")}`,
      email,
      password: freshPassword(),
      ...(invitation === undefined ? {} : { invitation }),
    },
  });
async function tokenFor(email: string): Promise<string> {
  await deliverMail();
  return /Token: (\S+)/.exec(mailsTo(dir, email).at(-1) ?? "")?.[1] ?? "";
}
const later = async <T>(days: number, work: () => Promise<T>): Promise<T> => {
  const back = Clock.set(() => new Date(Date.now() + days * 86_400_000));
  try {
    return await work();
  } finally {
    back();
  }
};

test("an invitation registers one person, verifies the address it was mailed to, and is then used up", async () => {
  const admin = await platform.person(["admin"]);
  Config.use(settings(CLOSED));
  await platform.sql`update users set email_verified_at = now() where id = ${admin.id}`;
  const email = guest();
  const refused = await register(email);
  expect([problem(refused), refused.json["next_step"]?.valueOf()]).toEqual([
    "403 INVITATION_REQUIRED",
    "ask_for_invitation",
  ]);
  const made = await admin.post("/v1/invitations", { email, message: "We meet on Sundays.\nCome!" });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({ email, invited_by: admin.id, status: "open", accepted_by: null });
  const token = await tokenFor(email);
  expect(mailsTo(dir, email)[0]).toContain("> We meet on Sundays.\n> Come!");
  expect(JSON.stringify(await platform.sql`select * from invitations`)).not.toContain(token);

  const joined = await register(email, token);
  expect(joined.status).toBe(201);
  expect(joined.json["user"]).toMatchObject({ email, email_verified: true });
  await deliverMail();
  expect(mailsTo(dir, email)).toHaveLength(1); // only the invitation: no verification mail was sent
  expect(problem(await register(guest(), token))).toBe("422 INVALID_INVITATION");
  const listed = await admin.get("/v1/invitations");
  expect(listed.json["data"]?.[0]).toMatchObject({
    email: null,
    status: "accepted",
    accepted_by: joined.json["user"]?.["id"],
  });
  expect(problem(await admin.send("DELETE", `/v1/invitations/${String(made.json["id"])}`))).toBe(
    "409 INVITATION_CLOSED",
  );
});

test("an invited person who registers with another e-mail address must verify it", async () => {
  const admin = await platform.person(["admin"]);
  const [invited, used] = [guest(), guest()];
  await admin.post("/v1/invitations", { email: invited });
  const token = await tokenFor(invited);
  Config.use(settings(CLOSED));
  const joined = await register(used, token);
  expect([joined.status, joined.json["user"]?.["email_verified"]?.valueOf()]).toEqual([201, false]);
  expect(await tokenFor(used)).not.toBe("");
});

test("only one of twenty concurrent registrations with the same invitation succeeds, and the others create no account", async () => {
  const admin = await platform.person(["admin"]);
  const email = guest();
  await admin.post("/v1/invitations", { email });
  const token = await tokenFor(email);
  const emails = Array.from({ length: 20 }, guest);
  const answers = await Promise.all(emails.map((each) => register(each, token)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(19);
  const accounts = await platform.sql`select 1 from users where email in ${platform.sql(emails)}`;
  expect(accounts).toHaveLength(1);
});

test("another admin may revoke an invitation, and the audit log has one entry for the revocation", async () => {
  const [admin, colleague] = [await platform.person(["admin"]), await platform.person(["admin"])];
  const id = String((await admin.post("/v1/invitations", { email: guest() })).json["id"]);
  for (let time = 0; time < 2; time += 1)
    expect((await colleague.send("DELETE", `/v1/invitations/${id}`)).status).toBe(204);
  expect(
    await platform.sql`select action, actor_id, target_type from audit_log where target_id = ${id} and actor_id = ${colleague.id}`,
  ).toEqual([{ action: "invitation.revoke", actor_id: colleague.id, target_type: "invitation" }]);
});

test("an invitation expires after 14 days or when revoked, and its e-mail address is erased", async () => {
  const [admin, other] = [await platform.person(["admin"]), await platform.person()];
  const [old, revoked] = [guest(), guest()];
  await admin.post("/v1/invitations", { email: old });
  const made = await admin.post("/v1/invitations", { email: revoked });
  const path = `/v1/invitations/${String(made.json["id"])}`;
  const [oldToken, revokedToken] = [await tokenFor(old), await tokenFor(revoked)];
  expect(problem(await other.send("DELETE", path))).toBe("404 NOT_FOUND");
  expect((await admin.send("DELETE", path)).status).toBe(204);
  expect((await admin.send("DELETE", path)).status).toBe(204);
  expect(problem(await register(revoked, revokedToken))).toBe("422 INVALID_INVITATION");
  expect(JSON.stringify(await platform.sql`select * from invitations`)).not.toContain(revoked);
  await later(14.01, async () => {
    expect(problem(await register(old, oldToken))).toBe("422 INVALID_INVITATION");
    await Retention.removeExpired();
  });
  expect(JSON.stringify(await platform.sql`select * from invitations`)).toContain(old);
  await later(21.02, async () => expect((await Retention.removeExpired()).invitations).toBeGreaterThan(0));
  expect(JSON.stringify(await platform.sql`select * from invitations`)).not.toContain(old);
});

test("members may invite only if the stage allows it and their reputation suffices, and list only their own invitations", async () => {
  const member = await platform.person();
  const admin = await platform.person(["admin"]);
  expect(problem(await member.post("/v1/invitations", { email: guest() }))).toBe("403 FORBIDDEN");
  Config.use(settings({ INVITATIONS_BY_MEMBERS: "true", VOUCH_MINIMUM_REPUTATION: "25" }));
  const low = await member.post("/v1/invitations", { email: guest() });
  expect([problem(low), low.json["next_step"]?.valueOf()]).toEqual(["422 REPUTATION_TOO_LOW", "earn_reputation"]);
  Config.use(settings({ INVITATIONS_BY_MEMBERS: "true" }));
  await admin.post("/v1/invitations", { email: guest() });
  const own = await member.post("/v1/invitations", { email: guest() });
  expect(own.status).toBe(201);
  const [mine, all] = [await member.get("/v1/invitations"), await admin.get("/v1/invitations")];
  expect([mine.json["data"]?.[0]?.["id"], mine.json["data"]?.[1]]).toEqual([own.json["id"], undefined]);
  expect(all.json["data"]?.[1]).toBeDefined();
  expect((await member.send("DELETE", `/v1/invitations/${String(own.json["id"])}`)).status).toBe(204);
});

test("registrations with an invitation have a separate limit, so that strangers cannot use up the limit of invited people", async () => {
  const admin = await platform.person(["admin"]);
  const tokens: string[] = [];
  for (const email of [guest(), guest()]) {
    await admin.post("/v1/invitations", { email });
    tokens.push(await tokenFor(email));
  }
  Config.use(settings({ REGISTRATION_LIMIT_PER_DAY: "1" }));
  const address = "203.0.113.77";
  const [first, second] = tokens;
  const outcomes: string[] = [];
  for (const invitation of [undefined, undefined, first, second]) {
    const answer = await register(guest(), invitation, address);
    outcomes.push(answer.status === 201 ? "201" : problem(answer));
  }
  expect(outcomes).toEqual(["201", "429 RATE_LIMITED", "201", "429 RATE_LIMITED"]);
});

test("inviting an e-mail address that has an account gets the usual response and sends no mail", async () => {
  const [admin, member, blocker] = [await platform.person(["admin"]), await platform.person(), await platform.person()];
  Config.use(settings({ INVITATIONS_BY_MEMBERS: "true", VOUCH_MINIMUM_REPUTATION: "0" }));
  expect((await blocker.send("PUT", `/v1/me/blocks/${member.id}`)).status).toBe(200);
  const unknown = guest();
  const message = "You cannot be rid of me.";
  for (const inviter of [member, admin]) {
    const mailed = await inviter.post("/v1/invitations", { email: unknown, message });
    const unmailed = await inviter.post("/v1/invitations", { email: blocker.email.toUpperCase(), message });
    expect([mailed.status, unmailed.status]).toEqual([201, 201]);
    const shown = ({ json }: typeof mailed) =>
      Object.entries(json).map(([name, value]) =>
        /^(id|email|.*_at)$/.test(name) ? [name, typeof value] : [name, value],
      );
    expect(shown(unmailed)).toEqual(shown(mailed));
    expect(unmailed.json["email"]).toBe(blocker.email);
  }
  await deliverMail();
  expect(mailsTo(dir, unknown)).toHaveLength(2);
  expect(mailsTo(dir, blocker.email)).toEqual([]);
});

test("one inviter may send 20 invitations a day, and one e-mail address receives at most three", async () => {
  const admin = await platform.person(["admin"]);
  const email = guest();
  for (let round = 0; round < 3; round += 1) expect((await admin.post("/v1/invitations", { email })).status).toBe(201);
  expect(problem(await admin.post("/v1/invitations", { email }))).toBe("429 RATE_LIMITED");
  // Rejected invitations did not count: three of the 20 a day are used, and 17 are left.
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => admin.post("/v1/invitations", { email: guest() })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(17);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
  await later(1.01, async () => {
    const { email: own, password } = admin;
    const login = await platform.request("POST", "/v1/auth/login", { body: { email: own, password } });
    const token = String(login.json["access_token"]);
    const next = await platform.request("POST", "/v1/invitations", { token, body: { email: guest() } });
    expect(next.status).toBe(201);
  });
});

test("the first admin of an invitation-only community registers with an invitation from the command line", async () => {
  Config.use(settings(CLOSED));
  const email = guest();
  const printed = await run(["users", "invite", email], () => undefined);
  const token = /token: (\S+)/.exec(printed)?.[1] ?? "";
  expect(await tokenFor(email)).toBe(token);
  const joined = await register(email, token);
  expect([joined.status, joined.json["user"]?.["email_verified"]?.valueOf()]).toEqual([201, true]);
  await run(["users", "grant", email, "admin"], () => undefined);
  const answer = await platform.request("POST", "/v1/invitations", {
    token: String(joined.json["access_token"]),
    body: { email: guest() },
  });
  expect(answer.status).toBe(201);
});

test("the export lists a member's invitations; an account's deletion removes unused invitations from and to the member", async () => {
  const [admin, other] = [await platform.person(["admin"]), await platform.person(["admin"])];
  const [email, joining] = [guest(), guest()];
  await admin.post("/v1/invitations", { email });
  await admin.post("/v1/invitations", { email: joining });
  await register(joining, await tokenFor(joining));
  await other.post("/v1/invitations", { email: admin.email });
  const exported = Object.values((await admin.get("/v1/me/export")).json["invitations"] ?? []);
  expect(exported).toHaveLength(2);
  expect(JSON.stringify(exported)).toContain(email);
  expect(JSON.stringify(exported)).not.toContain("token");
  await User.setRoles(admin.id, []);
  expect((await admin.send("DELETE", "/v1/me", { password: admin.password })).status).toBe(204);
  const left =
    await platform.sql`select email, accepted_at is not null as used from invitations where invited_by in (${admin.id}, ${other.id})`;
  expect([...left]).toEqual([{ email: null, used: true }]);
});

import { randomBytes } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { freshPassword, taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const PAGE = "https://app.example.org/join";
const settings = (own: Record<string, string> = {}) => ({
  ...platform.variables,
  EMAIL_PROOF_REQUIRED: "true",
  INVITATION_URL: PAGE,
  ...own,
});
beforeEach(() => Config.use(settings()));

async function inviter() {
  const admin = await platform.person(["admin"]);
  await platform.sql`update users set email_verified_at = now() where id = ${admin.id}`;
  return admin;
}
const join = (invitation: string) => {
  const name = randomBytes(6).toString("hex");
  const body = { username: `u-${name}`, email: `guest.${name}@example.org`, password: freshPassword(), invitation };
  return platform.request("POST", "/v1/auth/register", { body });
};

test("an invitation link registers as many members as its maximum of uses, and its token is shown only once", async () => {
  const admin = await inviter();
  Config.use(settings({ REGISTRATION: "invitation" }));
  const made = await admin.post("/v1/invitations", { uses: 2 });
  const token = String(made.json["token"]);
  expect([made.status, made.json]).toMatchObject([
    201,
    { kind: "link", email: null, uses_max: 2, uses: 0, status: "open", url: `${PAGE}#token=${token}` },
  ]);
  expect(JSON.stringify(await platform.sql`select * from invitations`)).not.toContain(token);
  const joined = await Promise.all(Array.from({ length: 6 }, () => join(token)));
  expect(joined.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 422, 422, 422, 422]);
  const listed = (await admin.get("/v1/invitations")).json["data"] ?? [];
  expect(JSON.stringify(listed)).not.toContain(token);
  const own = await platform.sql`select accepted_by is not null as joined, by_link, uses, token_hash is null as no_token
    from invitations where invited_by = ${admin.id} order by accepted_by is not null`;
  expect(own.map((row) => ({ ...row }))).toEqual([
    { joined: false, by_link: true, uses: 2, no_token: false },
    { joined: true, by_link: true, uses: 0, no_token: true },
    { joined: true, by_link: true, uses: 0, no_token: true },
  ]);
  const link = await admin.get("/v1/invitations?limit=100");
  expect(JSON.stringify(link.json)).toContain('"status":"accepted"');
  const noticed = await admin.get("/v1/notifications");
  expect(noticed.json["data"]?.[0]).toMatchObject({ kind: "invitation_accepted" });
});

test("with an unverified e-mail address, a member may create tasks only if they registered with an invitation link", async () => {
  const admin = await inviter();
  const token = String((await admin.post("/v1/invitations", {})).json["token"]);
  const joined = await join(token);
  expect(joined.json["user"]).toMatchObject({ email_verified: false });
  const asGuest = { token: String(joined.json["access_token"]) };
  expect((await platform.request("POST", "/v1/tasks", { ...asGuest, body: taskInput() })).status).toBe(201);
  await platform.sql`update users set admitted_at = null where id = ${String(joined.json["user"]?.["id"])}`;
  const refused = await platform.request("POST", "/v1/tasks", { ...asGuest, body: taskInput() });
  expect(problem(refused)).toBe("403 EMAIL_NOT_VERIFIED");
});

test("a member who registered with an invitation link may not vouch, unlike a member who was invited by mail", async () => {
  const [admin, other] = [await inviter(), await platform.person()];
  Config.use(settings({ VOUCH_MINIMUM_REPUTATION: "25" }));
  const token = String((await admin.post("/v1/invitations", {})).json["token"]);
  const guest = await join(token);
  const answer = await platform.request("POST", "/v1/vouches", {
    token: String(guest.json["access_token"]),
    body: { vouchee_id: other.id },
  });
  expect(answer.status).not.toBe(201);
});

test("a revoked or expired invitation link registers no member; retention deletes the link, but not the records of its members", async () => {
  const admin = await inviter();
  const [first, second] = [await admin.post("/v1/invitations", { uses: 5 }), await admin.post("/v1/invitations", {})];
  expect((await join(String(first.json["token"]))).status).toBe(201);
  expect((await admin.send("DELETE", `/v1/invitations/${String(first.json["id"])}`)).status).toBe(204);
  expect(problem(await join(String(first.json["token"])))).toBe("422 INVALID_INVITATION");
  const back = Clock.set(() => new Date(Date.now() + 15 * 86_400_000));
  expect(problem(await join(String(second.json["token"])))).toBe("422 INVALID_INVITATION");
  back();
  const later = Clock.set(() => new Date(Date.now() + 22 * 86_400_000));
  await Retention.removeExpired();
  later();
  const left = await platform.sql`select accepted_by from invitations where invited_by = ${admin.id}`;
  expect(left.map((row) => row["accepted_by"] !== null)).toEqual([true]);
});

test("invitation links have a quota of their own and a maximum of uses, and a maximum of 0 disables them", async () => {
  const admin = await inviter();
  expect(problem(await admin.post("/v1/invitations", { uses: 21 }))).toBe("400 VALIDATION_FAILED uses:too_large");
  expect(problem(await admin.post("/v1/invitations", { uses: 2, email: "a@example.org" }))).toBe(
    "400 VALIDATION_FAILED uses:not_allowed",
  );
  expect(problem(await admin.post("/v1/invitations", { message: "Come!" }))).toBe(
    "400 VALIDATION_FAILED message:not_allowed",
  );
  const statuses: number[] = [];
  for (let link = 0; link < 4; link += 1) statuses.push((await admin.post("/v1/invitations", {})).status);
  expect(statuses).toEqual([201, 201, 201, 429]);
  Config.use(settings({ INVITATION_LINK_USES_MAX: "0" }));
  expect(problem(await (await inviter()).post("/v1/invitations", {}))).toBe("403 FORBIDDEN");
  const member = await platform.person();
  await platform.sql`update users set email_verified_at = now() where id = ${member.id}`;
  expect(problem(await member.post("/v1/invitations", {}))).toBe("403 FORBIDDEN");
});

test("the invitation links of a deleted member register no member", async () => {
  const [admin] = [await inviter(), await inviter()]; // the second admin is needed, since the last admin cannot delete the account
  const token = String((await admin.post("/v1/invitations", { uses: 3 })).json["token"]);
  expect((await join(token)).status).toBe(201);
  expect((await admin.send("DELETE", "/v1/me", { password: admin.password })).status).toBe(204);
  expect(problem(await join(token))).toBe("422 INVALID_INVITATION");
});

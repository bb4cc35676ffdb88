// Checks access tokens against the database directly. `access-tokens.test.ts` sends forged tokens as a client would.
import { Hono } from "hono";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { callerOf, requireMember } from "@gotong/api/middleware/authentication.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Access } from "@gotong/core/domain/session/access.ts";
import { Token } from "@gotong/core/domain/session/token.ts";
import { freshDatabase } from "../../harness/database.ts";
import { SECRETS } from "../../harness/platform.ts";

const START = Date.parse("2026-05-01T10:00:00Z");
let sql: postgres.Sql;
let url: string;
let seconds = 0;
let back: () => void;
let made = 0;

beforeAll(async () => {
  url = await freshDatabase();
  sql = postgres(url, { max: 1 });
});
afterAll(async () => {
  await Db.close();
  await sql.end();
});
const use = (settings: Readonly<Record<string, string>> = {}) =>
  Config.use({ ...SECRETS, STAGE: "test", DATABASE_URL: url, MFA_REQUIRED_FOR: "admin", ...settings });
beforeEach(() => {
  seconds = 0;
  use();
  back = Clock.set(() => new Date(START + seconds * 1000));
});
afterEach(() => back());

/** Creates a member with a session of five minutes. */
async function member(user: object = {}, session: object = {}) {
  made += 1;
  const [userId, sessionId] = [crypto.randomUUID(), crypto.randomUUID()];
  const name = `m-${made}`;
  await sql`insert into users ${sql({ id: userId, username: name, email: `${name}@example.org`, password_hash: "unused", ...user })}`;
  const times = { created_at: new Date(START), last_used_at: new Date(START), expires_at: new Date(START + 300_000) };
  await sql`insert into sessions ${sql({ id: sessionId, user_id: userId, device: "x", network: "x", ...times, ...session })}`;
  return { userId, sessionId, username: name, token: Token.signAccess({ userId, sessionId }) };
}

test("an access token yields its member with the current name, roles and e-mail verification", async () => {
  const { token, userId, sessionId, username } = await member({ roles: ["contributor", "verifier"] });
  const found = {
    type: "member",
    userId,
    sessionId,
    username,
    roles: ["contributor", "verifier"],
    withheldRoles: [],
    hasProvenEmail: false,
  };
  expect(await Access.memberOf(token)).toEqual(found);
  await sql`update users set roles = '{contributor}', email_verified_at = now() where id = ${userId}`;
  expect(await Access.memberOf(token)).toEqual({ ...found, roles: ["contributor"], hasProvenEmail: true });
});

test("a role that requires a second factor counts only in a session with a verified second factor", async () => {
  const { token, sessionId } = await member({ roles: ["contributor", "admin"] });
  expect(await Access.memberOf(token)).toMatchObject({ roles: ["contributor"], withheldRoles: ["admin"] });
  await sql`update sessions set mfa_at = now() where id = ${sessionId}`;
  expect(await Access.memberOf(token)).toMatchObject({ roles: ["contributor", "admin"], withheldRoles: [] });
  await sql`update sessions set mfa_at = null where id = ${sessionId}`;
  use({ MFA_REQUIRED_FOR: "none" });
  expect(await Access.memberOf(token)).toMatchObject({ roles: ["contributor", "admin"], withheldRoles: [] });
});

test("a forged token, a revoked or expired session, another member's session, or a deleted account yields no member", async () => {
  const [one, other] = [await member(), await member()];
  expect(await Access.memberOf(`${one.token}x`)).toBeUndefined();
  expect(await Access.memberOf(Token.signAccess({ ...one, sessionId: other.sessionId }))).toBeUndefined();
  expect(await Access.memberOf(Token.signAccess({ ...one, sessionId: crypto.randomUUID() }))).toBeUndefined();
  seconds = 299;
  expect(await Access.memberOf(one.token)).toBeDefined();
  seconds = 300;
  expect(await Access.memberOf(one.token)).toBeUndefined();
  seconds = 0;
  await sql`update sessions set ended_at = now() where id = ${one.sessionId}`;
  expect(await Access.memberOf(one.token)).toBeUndefined();
  await sql`update users set deleted_at = now(), password_hash = null where id = ${other.userId}`;
  expect(await Access.memberOf(other.token)).toBeUndefined();
});

const app = new Hono()
  .onError((error, c) => (error instanceof AppError ? c.text(error.code, 401) : c.text("failed", 500)))
  .get("/caller", async (c) => c.text((await callerOf(c))?.userId ?? "none"))
  .get("/open-to-members", requireMember, (c) => c.text("reached"))
  .get("/member", requireMember, async (c) => {
    await callerOf(c);
    return c.text(Actor.member().userId);
  });
const ask = async (path: string, authorization?: string) => {
  const response = await app.request(path, authorization === undefined ? {} : { headers: { authorization } });
  return `${response.status} ${await response.text()}`;
};

test("a request acts as the member of its bearer token, which is read once", async () => {
  const { token, userId } = await member();
  const queries: string[] = [];
  const unwatch = Db.watch((text) => void queries.push(text));
  expect(await ask("/member", `Bearer ${token}`)).toBe(`200 ${userId}`);
  unwatch();
  expect(queries).toHaveLength(1);
  expect(await ask("/member", `bearer ${token}`)).toBe(`200 ${userId}`);
  expect(await ask("/caller", `Bearer ${token}`)).toBe(`200 ${userId}`);
});

test("an Authorization header that is missing, has another scheme or has further text yields no token", async () => {
  const { token } = await member();
  for (const header of [
    undefined,
    "",
    token,
    `Basic ${token}`,
    `Bearer ${token} x`,
    `x Bearer ${token}`,
    `Bearer${token}`,
    `Bearer ${token}.x`,
  ]) {
    expect(await ask("/member", header), header).toBe("401 UNAUTHENTICATED");
    expect(await ask("/open-to-members", header), header).toBe("401 UNAUTHENTICATED");
    expect(await ask("/caller", header), header).toBe("200 none");
  }
});

test("one statement checks the sessions of all requests of one event-loop tick; each gets its own member and roles, or none", async () => {
  const [first, admin] = [
    await member(),
    await member({ roles: ["contributor", "admin"] }, { mfa_at: new Date(START) }),
  ];
  const [ended, deleted] = [
    await member({}, { ended_at: new Date(START) }),
    await member({ deleted_at: new Date(START), password_hash: null }),
  ];
  // A token with the id of one member and the session of another.
  const mixed = Token.signAccess({ userId: first.userId, sessionId: admin.sessionId });
  const asked: string[] = [];
  const stop = Db.watch((text) => asked.push(text));
  const tokens = [admin.token, ended.token, mixed, first.token, "forged", deleted.token, admin.token];
  const members = await Promise.all(
    tokens.map((token) => Actor.run({ type: "system", name: token }, "request", () => Access.memberOf(token))),
  );
  stop();
  expect(asked).toHaveLength(1);
  const roles = ["contributor", "admin"];
  expect(members.map((each) => each && [each.userId, each.roles])).toEqual([
    [admin.userId, roles],
    undefined,
    undefined,
    [first.userId, ["contributor"]],
    undefined,
    undefined,
    [admin.userId, roles],
  ]);
});

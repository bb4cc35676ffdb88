import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { allRoutes } from "@gotong/api/openapi/routes.ts";
import { needsVerifiedEmail } from "@gotong/api/middleware/verified-email.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { run } from "@gotong/ops/command.ts";
import { taskInput } from "../../harness/factories.ts";
import { deliverMail, mailsTo } from "../../harness/mail.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const dir = mkdtempSync(join(tmpdir(), "gotong-proof-"));
afterAll(() => rmSync(dir, { recursive: true }));
const settings = () => ({ ...platform.variables, MAIL_DIR: dir, EMAIL_PROOF_REQUIRED: "true" });
beforeEach(() => Config.use(settings()));

const ask = (email: string) => platform.request("POST", "/v1/auth/email-proofs", { body: { email } });
const confirm = (token: string) => platform.request("POST", "/v1/auth/email-proofs/confirm", { body: { token } });
const TASK = taskInput({ title: "Clear the drain" });

async function tokensFor(email: string): Promise<string[]> {
  await deliverMail();
  return mailsTo(dir, email).map((text) => /Token: (\S+)/.exec(text)?.[1] ?? "");
}
const isVerified = async (member: Person) => (await member.get("/v1/me")).json["email_verified"]?.valueOf();

test("a new member may create tasks only after verifying the e-mail address with the token mailed at registration", async () => {
  const member = await platform.person();
  expect(await isVerified(member)).toBe(false);
  const refused = await member.post("/v1/tasks", TASK);
  expect(problem(refused)).toBe("403 EMAIL_NOT_VERIFIED");
  expect(refused.json["next_step"]).toBe("prove_email");
  expect(String(refused.json["detail"])).toContain("POST /v1/auth/email-proofs");
  expect((await member.get("/v1/tasks")).status).toBe(200);
  const [token = ""] = await tokensFor(member.email);
  expect((await confirm(token)).status).toBe(204);
  expect((await confirm(token)).status).toBe(204); // verifying twice is harmless
  expect(await isVerified(member)).toBe(true);
  expect((await member.post("/v1/tasks", TASK)).status).toBe(201);
  const audit =
    await platform.sql`select 1 from audit_log where action = 'user.email_verified' and target_id = ${member.id}`;
  expect(audit).toHaveLength(1);
});

test("every route that affects other members rejects an unverified e-mail address before any other check", async () => {
  const member = await platform.person(["admin", "verifier"]);
  const routes = (await allRoutes()).filter(({ method, path }) => needsVerifiedEmail(method, path));
  expect(routes.length).toBeGreaterThan(15);
  const id = "0198c0de-0000-7000-8000-000000000001";
  const answers = await Promise.all(
    routes.map(async ({ method, path }) => {
      const answer = await member.send(method, path.replaceAll(/:\w+/g, id), method === "DELETE" ? undefined : {});
      return `${method} ${path} ${problem(answer)}`;
    }),
  );
  expect(answers).toEqual(routes.map(({ method, path }) => `${method} ${path} 403 EMAIL_NOT_VERIFIED`));
  const open = (await allRoutes()).filter(({ method, path }) => method !== "GET" && !needsVerifiedEmail(method, path));
  expect(open.filter(({ path }) => !/^\/v1\/(auth|me)(\/|$)/.test(path))).toEqual([]);
});

test("a request rejected for an unverified e-mail address succeeds later with the same idempotency key", async () => {
  const member = await platform.person();
  const key = { "idempotency-key": "one-task" };
  expect((await member.post("/v1/tasks", TASK, key)).status).toBe(403);
  const [token = ""] = await tokensFor(member.email);
  await confirm(token);
  expect((await member.post("/v1/tasks", TASK, key)).status).toBe(201);
});

test("a verification mail can be requested three times an hour, with the same response for every e-mail address", async () => {
  const member = await platform.person();
  for (let round = 0; round < 5; round += 1)
    for (const email of [member.email, "not.registered@example.org"]) {
      const answer = await ask(email);
      expect([answer.status, answer.json]).toEqual([202, {}]);
    }
  const tokens = await tokensFor(member.email);
  expect(tokens).toHaveLength(1 + 3); // one mail from the registration, and three requested ones
  expect(await tokensFor("not.registered@example.org")).toEqual([]);
  expect((await confirm(tokens.at(-1) ?? "")).status).toBe(204);
  const back = Clock.set(() => new Date(Date.now() + 3_601_000));
  try {
    await ask(member.email);
    expect(await tokensFor(member.email)).toHaveLength(4); // no mail to a verified address
  } finally {
    back();
  }
});

test("a verification mail request runs the same queries and queues one message for unknown, unverified and verified addresses", async () => {
  const [fresh, done] = [await platform.person(), await platform.person()];
  const [token = ""] = await tokensFor(done.email);
  await confirm(token);
  const queriesOf = async (email: string) => {
    const queries: string[] = [];
    const unwatch = Db.watch((text) => void queries.push(text));
    await ask(email);
    unwatch();
    return queries;
  };
  const [unknown, toProve, proved] = [
    await queriesOf("no.such.member@example.org"),
    await queriesOf(fresh.email),
    await queriesOf(done.email),
  ];
  expect(toProve.length).toBeGreaterThan(1);
  expect([unknown, proved]).toEqual([toProve, toProve]);
});

test("an e-mail verification token is valid for its account and address for 48 hours, and the token itself is not stored", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const [token = ""] = await tokensFor(member.email);
  const bytes = Buffer.from(token, "base64url");
  for (const at of [0, 20, 30, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(problem(await confirm(changed.toString("base64url"))), `byte ${at}`).toBe("422 INVALID_EMAIL_PROOF");
  }
  const stolen = Buffer.concat([Buffer.from(other.id.replaceAll("-", ""), "hex"), bytes.subarray(16)]);
  for (const text of ["x", `${token}AA`, stolen.toString("base64url")])
    expect(problem(await confirm(text))).toBe("422 INVALID_EMAIL_PROOF");
  await platform.sql`update users set email = ${`changed.${member.email}`} where id = ${member.id}`;
  expect(problem(await confirm(token))).toBe("422 INVALID_EMAIL_PROOF");
  await platform.sql`update users set email = ${member.email} where id = ${member.id}`;
  const back = Clock.set(() => new Date(Date.now() + 48 * 3_600_000 + 1000));
  try {
    expect(problem(await confirm(token))).toBe("422 INVALID_EMAIL_PROOF");
  } finally {
    back();
  }
  expect((await confirm(token)).status).toBe(204);
  expect(await isVerified(other)).toBe(false);
  expect((await other.send("DELETE", "/v1/me", { password: other.password })).status).toBe(204);
  expect(problem(await confirm((await tokensFor(other.email))[0] ?? ""))).toBe("422 INVALID_EMAIL_PROOF");
});

test("a verified e-mail address is required on every stage except dev, unless configured otherwise", () => {
  const isAsked = (variables: Record<string, string>) => {
    const { EMAIL_PROOF_REQUIRED: _own, ...rest } = platform.variables;
    Config.use({ ...rest, ...variables });
    return Config.section("membership").EMAIL_PROOF_REQUIRED;
  };
  expect([isAsked({ STAGE: "dev" }), isAsked({ STAGE: "production" }), isAsked({ STAGE: "tenant-bandung" })]).toEqual([
    false,
    true,
    true,
  ]);
  expect(isAsked({ STAGE: "dev", EMAIL_PROOF_REQUIRED: "true" })).toBe(true);
  expect(isAsked({ STAGE: "production", EMAIL_PROOF_REQUIRED: "false" })).toBe(false);
});

test("an operator can mark an e-mail address as verified where mail does not arrive", async () => {
  const member = await platform.person();
  await run(["users", "verify-email", member.email], () => undefined);
  expect(await isVerified(member)).toBe(true);
  await expect(run(["users", "verify-email", "unknown@example.org"], () => undefined)).rejects.toThrow("no account");
});

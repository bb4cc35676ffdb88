import { Secret, TOTP } from "otpauth";
import { beforeEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { run } from "@gotong/ops/command.ts";
import { taskInput } from "../../harness/factories.ts";
import { deliverMail, mailsTo, useMailDirectory } from "../../harness/mail.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const { directory: mails, configure: use } = useMailDirectory(platform);
beforeEach(() => use());

const login = (person: Person, mfa_code?: string) =>
  platform.request("POST", "/v1/auth/login", {
    body: { email: person.email, password: person.password, ...(mfa_code === undefined ? {} : { mfa_code }) },
  });
const gotong = (...words: string[]) => run(words, () => undefined);
const subjectsTo = async (person: Person): Promise<string[]> => {
  await deliverMail();
  return mailsTo(mails, person.email).map((text) => /Subject: (.*)/.exec(text)?.[1] ?? "");
};

/**
 * Runs `work` with the clock moved to another TOTP time step, since each code is valid only once and the app shows one
 * per step.
 */
async function at<T>(seconds: number, work: () => Promise<T>): Promise<T> {
  const back = Clock.set(() => new Date(Date.now() + seconds * 1000));
  try {
    return await work();
  } finally {
    back();
  }
}

interface App {
  /** The code that the app shows the given number of seconds from now. */
  readonly code: (seconds?: number) => string;
  readonly recoveryCodes: readonly string[];
  readonly secret: string;
}

async function enrolled(person: Person): Promise<App> {
  const begun = await person.post("/v1/me/mfa/totp", { password: person.password });
  expect(begun.status, JSON.stringify(begun.json)).toBe(201);
  const secret = String(begun.json["secret"]);
  expect(begun.json["uri"]).toContain(`secret=${secret}`);
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = (seconds = 0) => totp.generate({ timestamp: Date.now() + seconds * 1000 });
  const confirmed = await at(-60, () => person.post("/v1/me/mfa/totp/confirm", { code: code(-60) }));
  expect(confirmed.status, JSON.stringify(confirmed.json)).toBe(200);
  const codes = confirmed.json["recovery_codes"];
  return { code, secret, recoveryCodes: Array.isArray(codes) ? codes.map(String) : [] };
}

test("after enrolling an authenticator app, a login requires the password and a code", async () => {
  const member = await platform.person();
  expect(problem(await member.post("/v1/me/mfa/totp", { password: "not the phrase" }))).toBe("403 WRONG_PASSWORD");
  const app = await enrolled(member);
  expect(app.recoveryCodes).toHaveLength(10);
  expect((await member.get("/v1/me/mfa")).json).toEqual({
    is_enabled: true,
    recovery_codes_left: 10,
    required_for: [],
  });
  expect(problem(await login(member))).toBe("403 MFA_REQUIRED");
  expect(problem(await login({ ...member, password: "not the phrase" }, app.code()))).toBe("401 INVALID_CREDENTIALS");
  expect(problem(await login(member, "000000"))).toBe("403 INVALID_MFA_CODE");
  expect((await login(member, app.code())).status).toBe(200);
  expect(problem(await member.post("/v1/me/mfa/totp", { password: member.password }))).toBe("409 MFA_ALREADY_ENABLED");
  expect(await subjectsTo(member)).toEqual(["A second factor protects your account"]);
});

test("a second-factor code is valid once, also one time step early or late; only one of four concurrent uses succeeds", async () => {
  const member = await platform.person();
  const app = await enrolled(member);
  const now = app.code();
  const answers = await Promise.all(Array.from({ length: 4 }, () => login(member, now)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(problem(await login(member, now))).toMatch(/INVALID_MFA_CODE|RATE_LIMITED/);
  await at(1000, async () => {
    expect((await login(member, app.code(1000 - 30))).status).toBe(200);
    expect((await login(member, app.code(1000 + 30))).status).toBe(200);
    expect(problem(await login(member, app.code(1000)))).toBe("403 INVALID_MFA_CODE"); // the time step of this code is before that of an accepted code
    expect(problem(await login(member, app.code(1000 + 90)))).toBe("403 INVALID_MFA_CODE");
  });
});

test("a second factor does not count before its enrolment is confirmed, and a wrong code confirms nothing", async () => {
  const member = await platform.person();
  expect(problem(await member.post("/v1/me/mfa/totp/confirm", { code: "123456" }))).toBe("404 NOT_FOUND");
  const begun = await member.post("/v1/me/mfa/totp", { password: member.password });
  expect((await login(member)).status).toBe(200);
  const again = await member.post("/v1/me/mfa/totp", { password: member.password });
  expect(again.json["secret"]).not.toBe(begun.json["secret"]);
  const former = new TOTP({ secret: Secret.fromBase32(String(begun.json["secret"])) });
  const confirmed = await member.post("/v1/me/mfa/totp/confirm", { code: former.generate() });
  expect(problem(confirmed)).toBe("403 INVALID_MFA_CODE");
  expect((await login(member)).status).toBe(200);
});

test("wrong second-factor codes are limited across sessions, and a correct password does not reset their count", async () => {
  const member = await platform.person();
  const app = await enrolled(member);
  const { password } = member;
  for (let tries = 0; tries < 3; tries += 1)
    expect(problem(await login(member, "000000"))).toBe("403 INVALID_MFA_CODE");
  for (let tries = 0; tries < 2; tries += 1)
    expect(problem(await member.send("DELETE", "/v1/me/mfa/totp", { password, code: "000000" }))).toBe(
      "403 INVALID_MFA_CODE",
    );
  expect(problem(await login(member, app.code()))).toBe("429 RATE_LIMITED");
  expect(problem(await member.send("DELETE", "/v1/me/mfa/totp", { password, code: app.code() }))).toBe(
    "429 RATE_LIMITED",
  );
  expect((await at(120, () => login(member, app.code(120)))).status).toBe(200);
});

test("wrong codes at the enrolment of a second factor are limited, so that a stolen session cannot guess the right code", async () => {
  const member = await platform.person();
  const begun = await member.post("/v1/me/mfa/totp", { password: member.password });
  const totp = new TOTP({ secret: Secret.fromBase32(String(begun.json["secret"])) });
  const confirm = (code: string) => member.post("/v1/me/mfa/totp/confirm", { code });
  const wrong = totp.generate({ timestamp: Date.now() - 3_600_000 });
  for (let tries = 0; tries < 5; tries += 1) expect(problem(await confirm(wrong))).toBe("403 INVALID_MFA_CODE");
  expect(problem(await confirm(totp.generate()))).toBe("429 RATE_LIMITED");
  const later = () => confirm(totp.generate({ timestamp: Date.now() + 120_000 }));
  const answers = await at(120, () => Promise.all([later(), later(), later()]));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404, 404]);
});

test("a recovery code is valid once, however it is typed, and new codes replace the former ones", async () => {
  const member = await platform.person();
  const app = await enrolled(member);
  const [first = "", second = "", third = ""] = app.recoveryCodes;
  expect(first).toMatch(/^([a-z0-9]{4}-){5}[a-z0-9]{4}$/);
  const almost = first.replace(/[a-z]/, (letter) => (letter === "a" ? "b" : "a"));
  expect(problem(await login(member, almost))).toBe("403 INVALID_MFA_CODE");
  expect((await login(member, first.toUpperCase().replaceAll("-", " "))).status).toBe(200);
  expect(problem(await login(member, first))).toBe("403 INVALID_MFA_CODE");
  const other = await platform.person();
  await enrolled(other);
  expect(problem(await login(other, second))).toBe("403 INVALID_MFA_CODE");
  expect((await member.get("/v1/me/mfa")).json["recovery_codes_left"]).toBe(9);
  const body = { password: member.password, code: second };
  const renewed = await member.post("/v1/me/mfa/recovery-codes", body);
  expect(renewed.status).toBe(200);
  expect(problem(await login(member, third))).toBe("403 INVALID_MFA_CODE");
  expect((await login(member, String(renewed.json["recovery_codes"]?.[0]))).status).toBe(200);
});

test("of concurrent logins with the same recovery code exactly one succeeds, and one code is used up", async () => {
  const member = await platform.person();
  const [code = ""] = (await enrolled(member)).recoveryCodes;
  const answers = await Promise.all(Array.from({ length: 4 }, () => login(member, code)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 403, 403, 403]);
  expect((await member.get("/v1/me/mfa")).json["recovery_codes_left"]).toBe(9);
});

test("the database contains neither secrets nor codes in plain text, and a row copied to another member is useless", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const [app, others] = [await enrolled(member), await enrolled(other)];
  const stored = JSON.stringify([
    await platform.sql`select * from totp_secrets`,
    await platform.sql`select * from recovery_codes`,
  ]);
  for (const secret of [app.secret, ...app.recoveryCodes]) expect(stored).not.toContain(secret);
  await platform.sql`update totp_secrets set secret = (select secret from totp_secrets where user_id = ${other.id}) where user_id = ${member.id}`;
  expect((await login(member, others.code())).status).toBe(500);
  expect(platform.logs.join("\n")).not.toContain(app.secret);
});

test("an admin has admin rights only after enrolling a second factor, and only in sessions that verified it", async () => {
  const [admin, plain] = [await platform.person(["admin"]), await platform.person()];
  use({ MFA_REQUIRED_FOR: "admin" });
  const about = (token: string) => platform.request("GET", "/v1/admin/audit-log", { token });
  const tokenOf = (answer: Answer) => String(answer.json["access_token"]);
  expect(problem(await about(plain.token))).toBe("403 FORBIDDEN");
  expect(problem(await about(admin.token))).toBe("403 MFA_REQUIRED");
  expect((await admin.get("/v1/me")).json["roles"]).toEqual(["contributor", "admin"]);
  const task = await plain.post("/v1/tasks", taskInput({ title: "T" }));
  expect(problem(await admin.post(`/v1/tasks/${String(task.json["id"])}/cancel`))).toBe("403 FORBIDDEN");
  expect((await admin.get("/v1/me/mfa")).json["required_for"]).toEqual(["admin"]);
  const before = await login(admin);
  const app = await enrolled(admin);
  expect((await about(admin.token)).status).toBe(200); // enrolling has verified the second factor of this session
  expect(problem(await about(tokenOf(before)))).toBe("403 MFA_REQUIRED");
  const signedIn = await login(admin, app.code());
  expect((await about(tokenOf(signedIn))).status).toBe(200);
  const body = { refresh_token: String(signedIn.json["refresh_token"]) };
  const renewed = await platform.request("POST", "/v1/auth/refresh", { body });
  expect((await about(tokenOf(renewed))).status).toBe(200);
  expect(
    (await admin.send("DELETE", "/v1/me/mfa/totp", { password: admin.password, code: app.recoveryCodes[0] })).status,
  ).toBe(204);
  expect(problem(await about(tokenOf(signedIn)))).toBe("403 MFA_REQUIRED");
});

test("an operator can remove a lost second factor, and the removal is audited and mailed", async () => {
  const member = await platform.person();
  await enrolled(member);
  expect(await gotong("users", "reset-mfa", member.email)).toContain("has no second factor any more");
  expect((await login(member)).status).toBe(200);
  expect(await gotong("users", "reset-mfa", member.email)).toContain("had no second factor");
  await expect(gotong("users", "reset-mfa", "unknown@example.org")).rejects.toThrow("no account");
  const actions =
    await platform.sql`select action from audit_log where target_id = ${member.id} and action like 'user.mfa%' order by id`;
  expect(actions.map((row) => row["action"])).toEqual(["user.mfa_enable", "user.mfa_reset"]);
  expect(await subjectsTo(member)).toEqual([
    "A second factor protects your account",
    "The second factor of your account was removed",
  ]);
});

test("a rotated JWT_KEY still decrypts second factors, and reseal-mfa makes the former key unnecessary", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const [app, others] = [await enrolled(member), await enrolled(other)];
  const [former = "", next] = [platform.variables["JWT_KEY"], "n3xt-".concat("0123456789abcdef".repeat(3))];
  use({ JWT_KEY: next, JWT_KEY_PREVIOUS: former });
  expect((await login(member, app.code())).status).toBe(200);
  // A row that an earlier test corrupted is reported and does not stop the others.
  expect(await gotong("users", "reseal-mfa")).toMatch(/^\d+ secrets were sealed.*; 1 cannot be opened/);
  const [stored] = await platform.sql`select secret from totp_secrets where user_id = ${other.id}`;
  expect(await gotong("users", "reseal-mfa")).toMatch(/^0 secrets were sealed/);
  expect(await platform.sql`select secret from totp_secrets where user_id = ${other.id}`).toEqual([stored]);
  use({ JWT_KEY: next });
  expect((await at(60, () => login(member, app.code(60)))).status).toBe(200);
  expect((await at(60, () => login(other, others.code(60)))).status).toBe(200);
});

test("the export contains the date of a second factor's enrolment and no secret, and a deletion removes it", async () => {
  const member = await platform.person();
  const app = await enrolled(member);
  const exported = await member.get("/v1/me/export");
  expect(exported.json["second_factors"]).toMatchObject([{ confirmed_at: expect.any(String) }]);
  expect(JSON.stringify(exported.json)).not.toContain(app.secret);
  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);
  expect(await platform.sql`select 1 from totp_secrets where user_id = ${member.id}`).toHaveLength(0);
  expect(await platform.sql`select 1 from recovery_codes where user_id = ${member.id}`).toHaveLength(0);
});

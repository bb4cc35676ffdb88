import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { deliverMail, mailsTo, useMailDirectory } from "../../harness/mail.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const { directory: mails } = useMailDirectory(platform);

const another = () => `new.${randomUUID().slice(0, 8)}@example.org`;
const ask = (person: Person, email: string, password = person.password) =>
  person.post("/v1/me/email", { email, password });
const confirm = (token: string) => platform.request("POST", "/v1/auth/email-changes/confirm", { body: { token } });
const login = (email: string, password: string) =>
  platform.request("POST", "/v1/auth/login", { body: { email, password } });
const subjectsTo = async (email: string): Promise<string[]> => {
  await deliverMail();
  return mailsTo(mails, email).map((text) => /Subject: (.*)/.exec(text)?.[1] ?? "");
};
const tokenFor = async (email: string): Promise<string> => {
  await deliverMail();
  return /Token: (\S+)/.exec(mailsTo(mails, email).at(-1) ?? "")?.[1] ?? "";
};

test("a member's e-mail address changes once the mailed token is confirmed, and both addresses get a mail", async () => {
  const member = await platform.person();
  const email = another();
  expect(problem(await ask(member, email, "not the phrase"))).toBe("403 WRONG_PASSWORD");
  expect((await ask(member, email)).status).toBe(202);
  expect((await member.get("/v1/me")).json["email"]).toBe(member.email);
  expect((await login(member.email, member.password)).status).toBe(200);
  const token = await tokenFor(email);
  expect(token).toMatch(/^[\w-]{100,}$/);
  expect((await confirm(token)).status).toBe(204);
  expect(problem(await confirm(token))).toBe("422 INVALID_EMAIL_PROOF");
  expect((await member.get("/v1/me")).json["email"]).toBe(email);
  expect(problem(await login(member.email, member.password))).toBe("401 INVALID_CREDENTIALS");
  expect((await login(email, member.password)).status).toBe(200);
  expect(await subjectsTo(member.email)).toEqual(
    expect.arrayContaining(["Another address for your account", "The address of your account was changed"]),
  );
  expect(await subjectsTo(email)).toEqual(
    expect.arrayContaining(["Your new address", "The address of your account was changed"]),
  );
  const [row] = await platform.sql`select email_verified_at from users where id = ${member.id}`;
  expect(row?.["email_verified_at"]).toBeInstanceOf(Date);
  const audited =
    await platform.sql`select action, details from audit_log where target_id = ${member.id} and action like 'user.email%' order by id`;
  expect(audited.map((entry) => entry["action"])).toEqual(expect.arrayContaining(["user.email_asked", "user.email"]));
  expect(JSON.stringify(audited)).not.toContain("@");
});

test("an e-mail change token is rejected if malformed, after a day, after a password change, and after another e-mail change", async () => {
  const member = await platform.person();
  const [first, second] = [another(), another()];
  await ask(member, first);
  const token = await tokenFor(first);
  const back = Clock.set(() => new Date(Date.now() + 24 * 3_600_000 + 1000));
  expect(problem(await confirm(token))).toBe("422 INVALID_EMAIL_PROOF");
  back();
  await member.post("/v1/me/password", { current_password: member.password, new_password: "an entirely new phrase" });
  expect(problem(await confirm(token))).toBe("422 INVALID_EMAIL_PROOF");
  await ask(member, first, "an entirely new phrase");
  const other = await tokenFor(first);
  await ask(member, second, "an entirely new phrase");
  expect((await confirm(await tokenFor(second))).status).toBe(204);
  expect(problem(await confirm(other))).toBe("422 INVALID_EMAIL_PROOF");
  for (const text of ["x", token.slice(1), `${token.slice(0, -2)}AA`])
    expect(problem(await confirm(text))).toBe("422 INVALID_EMAIL_PROOF");
});

test("a change to another account's e-mail address gets the same response, sends no token and cannot be confirmed", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  expect((await ask(member, other.email)).status).toBe(202);
  expect(await subjectsTo(other.email)).not.toContain("Your new address");
  const email = another();
  await ask(member, email);
  await ask(other, email);
  await deliverMail();
  const [theirs, ours] = mailsTo(mails, email).map((text) => /Token: (\S+)/.exec(text)?.[1] ?? "");
  const statuses = [(await confirm(theirs ?? "")).status, (await confirm(ours ?? "")).status];
  expect(statuses.toSorted((a, b) => a - b)).toEqual([204, 409]);
});

test("a member may request at most three changes of the e-mail address in an hour", async () => {
  const member = await platform.person();
  for (let tries = 0; tries < 3; tries += 1) expect((await ask(member, another())).status).toBe(202);
  expect(problem(await ask(member, another()))).toBe("429 RATE_LIMITED");
});

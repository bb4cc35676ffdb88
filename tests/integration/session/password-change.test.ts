import { expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { deliverMail, mailsTo, useMailDirectory } from "../../harness/mail.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const { directory: mails } = useMailDirectory(platform);

const NEW = "an entirely new phrase";
const change = (person: Person, current_password: string, new_password = NEW) =>
  person.post("/v1/me/password", { current_password, new_password });
const login = (email: string, password: string, address = "127.0.0.1") =>
  platform.request("POST", "/v1/auth/login", { body: { email, password }, address });
const mailsOf = async (email: string): Promise<string[]> => {
  await deliverMail();
  return mailsTo(mails, email);
};

test("a password change requires the old password, revokes other sessions and pending resets, and is mailed", async () => {
  const member = await platform.person();
  const other = await login(member.email, member.password);
  await platform.request("POST", "/v1/auth/password-resets", { body: { email: member.email } });
  const token = /Token: (\S+)/.exec((await mailsOf(member.email))[0] ?? "")?.[1];
  expect(problem(await change(member, "not the phrase"))).toBe("403 WRONG_PASSWORD");
  expect((await change(member, member.password)).status).toBe(204);
  expect((await member.get("/v1/me")).status).toBe(200);
  const ended = await platform.request("GET", "/v1/me", { token: String(other.json["access_token"]) });
  expect(problem(ended)).toBe("401 UNAUTHENTICATED");
  expect(problem(await login(member.email, member.password))).toBe("401 INVALID_CREDENTIALS");
  expect((await login(member.email, NEW)).status).toBe(200);
  const reset = { body: { token, password: "a third and different phrase" } };
  const confirmed = await platform.request("POST", "/v1/auth/password-resets/confirm", reset);
  expect(problem(confirmed)).toBe("422 INVALID_RESET_TOKEN");
  expect((await mailsOf(member.email)).filter((text) => text.includes("Your password was changed"))).toHaveLength(1);
  const audited =
    await platform.sql`select target_type, target_id from audit_log where action = 'user.password' and actor_id = ${member.id}`;
  expect(audited).toEqual([{ target_type: "user", target_id: member.id }]);
});

test("a changed password must follow the rules and differ from the old one", async () => {
  const member = await platform.person();
  const refused = async (password: string) => problem(await change(member, member.password, password));
  expect(await refused("short")).toBe("400 VALIDATION_FAILED new_password:too_short");
  expect(await refused("password1234")).toBe("400 VALIDATION_FAILED new_password:guessable");
  expect(await refused(`${member.email.split("@")[0]} and more`)).toBe("400 VALIDATION_FAILED new_password:guessable");
  expect(await refused(member.password)).toBe("400 VALIDATION_FAILED new_password:not_allowed");
  expect((await change(member, member.password, member.password)).json["detail"]).toBe(
    "new_password: must differ from the current password",
  );
  expect((await login(member.email, member.password)).status).toBe(200);
});

test("with a stolen access token, five wrong passwords lock both deletion and password change", async () => {
  const member = await platform.person();
  for (let tries = 0; tries < 3; tries += 1)
    expect(problem(await change(member, "not the phrase"))).toBe("403 WRONG_PASSWORD");
  for (let tries = 0; tries < 2; tries += 1)
    expect(problem(await member.send("DELETE", "/v1/me", { password: "not the phrase" }))).toBe("403 WRONG_PASSWORD");
  expect(problem(await change(member, member.password))).toBe("429 RATE_LIMITED");
  expect(problem(await member.send("DELETE", "/v1/me", { password: member.password }))).toBe("429 RATE_LIMITED");
  expect(problem(await login(member.email, member.password))).toBe("429 RATE_LIMITED");
  expect((await member.get("/v1/me")).status).toBe(200);
});

test("a lockout caused by unknown addresses does not keep the member from changing the password", async () => {
  const member = await platform.person();
  // The clock stands still: a login delay of one second would expire before the next guess is hashed.
  const now = new Date();
  const back = Clock.set(() => now);
  try {
    for (let guess = 0; guess < 12; guess += 1) await login(member.email, "not the phrase", `198.51.100.${guess}`);
    expect(problem(await login(member.email, member.password, "198.51.100.99"))).toBe("429 RATE_LIMITED");
    expect((await change(member, member.password)).status).toBe(204);
  } finally {
    back();
  }
});

test("only one of two concurrent password changes with the old password succeeds", async () => {
  const member = await platform.person();
  const answers = await Promise.all([
    change(member, member.password, "the first of two phrases"),
    change(member, member.password, "the second of two phrases"),
  ]);
  expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([204, 403]);
});

test("an account deletion requires the password, and does nothing without it", async () => {
  const member = await platform.person();
  expect(problem(await member.send("DELETE", "/v1/me"))).toBe("400 VALIDATION_FAILED password:required");
  expect(problem(await member.send("DELETE", "/v1/me", { password: "not the phrase" }))).toBe("403 WRONG_PASSWORD");
  expect((await member.get("/v1/me")).status).toBe(200);
  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);
});

import { expect, test } from "vitest";
import { Actor, type Role } from "./actor.ts";
import { AppError } from "./error.ts";

const member = (...roles: Role[]): Actor.Actor => ({ type: "member", userId: "u-1", username: "wulan", roles });
const as = <T>(actor: Actor.Actor, work: () => T): T => Actor.run(actor, "r-1", work);

/** Runs a guard. @returns its result, or the code and detail of the error that it throws */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.detail}`;
    throw error;
  }
}
const STRANGER = "UNAUTHENTICATED: A valid access token is required";

test("outside of Actor.run() the actor is public and each call gets a new request id", () => {
  expect(Actor.current()).toEqual({ type: "public" });
  expect(Actor.requestId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(Actor.requestId()).not.toBe(Actor.requestId());
});

test("everything called inside run(), also asynchronously, gets the same actor and request id", async () => {
  const seen = await as(member(), async () => {
    await Promise.resolve();
    return [Actor.current(), Actor.requestId()];
  });
  expect(seen).toEqual([member(), "r-1"]);
  expect(Actor.current()).toEqual({ type: "public" });
});

test("member() and memberWith() return members with the role, and throw for system actors and the public", () => {
  expect(as(member("verifier"), Actor.member)).toEqual(member("verifier"));
  for (const actor of [{ type: "public" }, { type: "system", name: "sweep" }] as const) {
    expect(outcome(() => as(actor, Actor.member))).toBe(STRANGER);
    expect(outcome(() => as(actor, () => Actor.memberWith("contributor")))).toBe(STRANGER);
  }
  expect(as(member("verifier"), () => Actor.memberWith("verifier"))).toEqual(member("verifier"));
  expect(outcome(() => as(member("contributor", "verifier"), () => Actor.memberWith("admin")))).toBe(
    "FORBIDDEN: Requires the role admin.",
  );
});

test("operator() accepts only admins and the command line, and throws for other system actors", () => {
  expect(as(member("admin"), Actor.operator)).toBe("u-1");
  expect(as({ type: "system", name: Actor.COMMAND_LINE }, Actor.operator)).toBeNull();
  expect(outcome(() => as({ type: "system", name: "sweep" }, Actor.operator))).toBe(STRANGER);
  expect(outcome(() => as({ type: "public" }, Actor.operator))).toBe(STRANGER);
  expect(outcome(() => as(member("verifier"), Actor.operator))).toBe("FORBIDDEN: Requires the role admin.");
});

test("memberWith() throws MFA_REQUIRED for a role that needs a second factor which the session lacks", () => {
  const actor = { ...member("contributor"), withheldRoles: ["admin"] } as const;
  expect(outcome(() => as(actor, () => Actor.memberWith("admin")))).toBe(
    "MFA_REQUIRED: The role admin requires a second factor: enrol one, or sign in with it.",
  );
  expect(as(actor, () => Actor.memberWith("contributor"))).toEqual(actor);
});

test("session() throws for a member without a session, such as the actor of a worker", () => {
  const actor = { ...member(), sessionId: "s-1" };
  expect(as(actor, Actor.session)).toEqual(actor);
  expect(outcome(() => as(member(), Actor.session))).toBe(STRANGER);
});

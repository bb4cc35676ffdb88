import { expect, test } from "vitest";
import { Actor, type Role } from "./actor.ts";
import { AppError } from "./error.ts";

const member = (...roles: Role[]): Actor.Actor => ({ type: "member", userId: "u-1", username: "wulan", roles });
const as = <T>(actor: Actor.Actor, work: () => T): T => Actor.run(actor, "r-1", work);

/** The result of a guard, or the code and detail of its refusal. */
function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.detail}`;
    throw error;
  }
}
const STRANGER = "UNAUTHENTICATED: A valid access token is needed";

test("where nobody said who acts, a stranger does, under a request id of its own each time", () => {
  expect(Actor.current()).toEqual({ type: "public" });
  expect(Actor.requestId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(Actor.requestId()).not.toBe(Actor.requestId());
});

test("whatever is called, also later, sees who acts and for which request", async () => {
  const seen = await as(member(), async () => {
    await Promise.resolve();
    return [Actor.current(), Actor.requestId()];
  });
  expect(seen).toEqual([member(), "r-1"]);
  expect(Actor.current()).toEqual({ type: "public" });
});

test("a member is asked for by the type, a role by its name, and neither a part of the platform nor a stranger has one", () => {
  expect(as(member("verifier"), Actor.member)).toEqual(member("verifier"));
  for (const actor of [{ type: "public" }, { type: "system", name: "sweep" }] as const) {
    expect(outcome(() => as(actor, Actor.member))).toBe(STRANGER);
    expect(outcome(() => as(actor, () => Actor.memberWith("contributor")))).toBe(STRANGER);
  }
  expect(as(member("verifier"), () => Actor.memberWith("verifier"))).toEqual(member("verifier"));
  expect(outcome(() => as(member("contributor", "verifier"), () => Actor.memberWith("admin")))).toBe(
    "FORBIDDEN: This needs the role admin.",
  );
});

test("the platform is operated by admins and by its command line; no other part of it may", () => {
  expect(as(member("admin"), Actor.operator)).toBe("u-1");
  expect(as({ type: "system", name: Actor.COMMAND_LINE }, Actor.operator)).toBeNull();
  expect(outcome(() => as({ type: "system", name: "sweep" }, Actor.operator))).toBe(STRANGER);
  expect(outcome(() => as({ type: "public" }, Actor.operator))).toBe(STRANGER);
  expect(outcome(() => as(member("verifier"), Actor.operator))).toBe("FORBIDDEN: This needs the role admin.");
});

test("a role that needs a second factor is refused until the session has shown one, and other roles are not", () => {
  const actor = { ...member("contributor"), withheldRoles: ["admin"] } as const;
  expect(outcome(() => as(actor, () => Actor.memberWith("admin")))).toBe(
    "MFA_REQUIRED: The role admin needs a second factor: enrol one, or sign in with the one that you have.",
  );
  expect(as(actor, () => Actor.memberWith("contributor"))).toEqual(actor);
});

test("a member without a session, as in a worker, is refused where a session is needed", () => {
  const actor = { ...member(), sessionId: "s-1" };
  expect(as(actor, Actor.session)).toEqual(actor);
  expect(outcome(() => as(member(), Actor.session))).toBe(STRANGER);
});

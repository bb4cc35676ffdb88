import { Hono } from "hono";
import { expect, test } from "vitest";
import { Actor, type Role } from "@gotong/core/platform/actor.ts";
import { onError } from "./problem.ts";
import { requireRole } from "./require-role.ts";

const app = new Hono().use(requireRole("admin")).get("/", (c) => c.text("in"));
app.onError(onError);

const ask = (actor: Actor.Actor) => Actor.run(actor, "r", async () => (await app.request("/")).status);
const member = (...roles: Role[]) => ({ type: "member" as const, userId: "u", username: "u", roles });

test("requireRole() lets only members with the role pass; public and system actors and other roles are rejected", async () => {
  expect(await ask({ type: "public" })).toBe(401);
  expect(await ask({ type: "system", name: "sweep" })).toBe(401);
  expect(await ask(member())).toBe(403);
  expect(await ask(member("contributor", "verifier"))).toBe(403);
  expect(await ask(member("contributor", "admin"))).toBe(200);
});

import { Hono } from "hono";
import { expect, test } from "vitest";
import { AppError } from "@gotong/core/platform/error.ts";
import { type Step, guard } from "./guard.ts";
import { collectHeaders } from "./plain-headers.ts";
import { onError } from "./problem.ts";

/** Creates an app with these steps that records their order. @returns the status of a request, and the recorded steps */
async function run(steps: (note: (what: string) => undefined) => readonly Step[]) {
  const seen: string[] = [];
  const app = new Hono()
    .use(async (c, next) => {
      collectHeaders(c, "origin");
      await next();
    })
    .use(
      guard(
        steps((what) => void seen.push(what)),
        onError,
      ),
    )
    .onError(onError)
    .get("/", (c) => {
      seen.push("handler");
      return c.json({});
    })
    .get("/fails", () => {
      throw new AppError("NOT_FOUND");
    });
  return { ask: async (path = "/") => [(await app.request(path)).status, seen.splice(0).join(" ")] };
}

test("guard steps run in order before the handler and around it, and in reverse order after it, even if the handler fails", async () => {
  const { ask } = await run((note) => [
    { before: () => note("a"), after: () => note("-a") },
    {
      before: async () => note("b"),
      around: () => async (next) => {
        note("(b");
        await next();
        note("b)");
      },
      after: async () => note("-b"),
    },
    {
      around: () => async (next) => {
        note("(c");
        await next();
        note("c)");
      },
      after: () => note("-c"),
    },
  ]);
  expect(await ask()).toEqual([200, "a b (b (c handler c) b) -c -b -a"]);
  expect(await ask("/fails")).toEqual([404, "a b (b (c c) b) -c -b -a"]);
});

test.each([
  ["throws", () => Promise.reject(new AppError("RATE_LIMITED")), 429],
  ["answers", () => new Response(null, { status: 204 }), 204],
])(
  "when a guard step %s, later steps and the handler do not run; this step and the earlier ones complete the response",
  async (_, before, status) => {
    const { ask } = await run((note) => [
      { before: () => note("a"), after: () => note("-a") },
      { before, after: () => note("-b") },
      { before: () => note("c"), around: () => async (next) => next(), after: () => note("-c") },
    ]);
    expect(await ask()).toEqual([status, "a -b -a"]);
  },
);

test("an error that a guard step throws around or after the handler becomes the response, which outer steps still complete", async () => {
  const fails = (): never => {
    throw new AppError("IDEMPOTENCY_KEY_IN_USE");
  };
  const around = await run((note) => [{ after: () => note("-a") }, { around: () => async () => fails() }]);
  expect(await around.ask()).toEqual([409, "-a"]);
  const after = await run((note) => [{ after: () => note("-a") }, { after: fails }]);
  expect(await after.ask()).toEqual([409, "handler -a"]);
});

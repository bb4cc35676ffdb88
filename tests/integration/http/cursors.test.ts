import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeEach, expect, test } from "vitest";
import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
beforeEach(() => Config.use({ ...platform.variables, OPEN_TASKS: "true" }));
const ID = "01900000-0000-7000-8000-000000000001";

/**
 * The paths of lists, each with the list name in its cursors; ids in a path are filled in. A list with several orders
 * has a path for each.
 */
const LISTS: readonly (readonly [path: string, list: string])[] = [
  ["/v1/tasks", "tasks"],
  ["/v1/tasks?updated_since=2026-01-01T00:00:00Z", "tasks"],
  ["/v1/tasks?near=-6.9,107.6", "tasks"],
  ["/v1/tasks?q=mend", "tasks"],
  ["/v1/tasks/{task_id}/comments", "comments"],
  ["/v1/tasks/{task_id}/attendance", "attendance"],
  ["/v1/open-tasks", "open-tasks"],
  ["/v1/contributions", "contributions"],
  ["/v1/contributions?updated_since=2026-01-01T00:00:00Z", "contributions"],
  ["/v1/contributions/{contribution_id}/comments", "comments"],
  ["/v1/contributions/{contribution_id}/evidence", "evidence"],
  ["/v1/contributions/{contribution_id}/verifications", "verifications"],
  ["/v1/users", "users"],
  ["/v1/users?q=ibu", "users"],
  ["/v1/users/{user_id}/contributions", "contributions"],
  ["/v1/users/{user_id}/vouches", "vouches"],
  ["/v1/skills", "skills"],
  ["/v1/vouches", "vouches"],
  ["/v1/invitations", "invitations"],
  ["/v1/verification-queue", "verification-queue"],
  ["/v1/me/attestations", "attestations"],
  ["/v1/me/blocks", "blocks"],
  ["/v1/me/export", "export"],
  ["/v1/notifications", "notifications"],
  ["/v1/me/sessions", "sessions"],
  ["/v1/admin/audit-log", "audit_log"],
  ["/v1/admin/reports", "reports"],
  ["/v1/admin/webhook-events", "webhook_events"],
  ["/v1/admin/webhook-failures", "webhook_failures"],
];

/** Sort keys that pass the check of a cursor but that PostgreSQL rejects: NUL, a lone surrogate, invalid times and numbers. */
const KEYS = [
  "\u0000",
  "\ud800",
  "",
  "9999-99-99T99:99:99.999999Z",
  "2026-02-31T00:00:00.000000Z",
  "0000-01-01T00:00:00.000000Z",
  "9999-99-99T99:99:99.999999Z/evt_0000000000000000",
  "1e-999",
  "9e999",
  "near",
  "similar",
  "events",
  "999",
  "evt_0000000000000000",
  ID,
  `${ID}/${ID}`,
];
const cursor = (list: string, ...keys: string[]) => Buffer.from(JSON.stringify([list, ...keys])).toString("base64url");

const Document = v.object({
  paths: v.record(v.string(), v.record(v.string(), v.looseObject({ parameters: v.optional(v.array(v.unknown())) }))),
});

test("these tests cover every path of the OpenAPI document that has a cursor", () => {
  const { paths } = v.parse(Document, JSON.parse(readFileSync("packages/api/openapi.json", "utf8")));
  const withCursor = Object.entries(paths)
    .filter(([, methods]) => JSON.stringify(methods["get"]?.parameters ?? []).includes('"cursor"'))
    .map(([path]) => path);
  expect([...new Set(LISTS.map(([path]) => path.replace(/[?].*/, "")))].toSorted()).toEqual(withCursor.toSorted());
});

const shape = async (): Promise<{ person: Person; fill: (path: string) => string }> => {
  const person = await platform.person(["verifier", "admin"]);
  const contribution = await contributionOf(person);
  const task = String((await person.post("/v1/tasks", taskInput())).json["id"]);
  return {
    person,
    fill: (path) =>
      path.replace("{contribution_id}", contribution).replace("{task_id}", task).replace("{user_id}", person.id),
  };
};

test("an invented cursor is rejected or returns a page, but never causes an internal error", async () => {
  const { person, fill } = await shape();
  const wrong: string[] = [];
  let refused = 0;
  for (const [path, list] of LISTS)
    for (const key of KEYS)
      for (const keys of [
        [key],
        [key, ID],
        [ID, key],
        ["events", key],
        [ID, "near", key, "1"],
        [ID, "near", "0.5", key],
      ]) {
        const separator = path.includes("?") ? "&" : "?";
        const answer = await person.get(`${fill(path)}${separator}cursor=${cursor(list, ...keys)}`);
        if (answer.status === 400) refused += 1;
        else if (answer.status !== 200) wrong.push(`${answer.status} ${path} ${JSON.stringify(keys)}`);
      }
  expect(wrong).toEqual([]);
  expect(refused).toBeGreaterThan(1_000);
});

test("a cursor that the same list issued for another order is rejected", async () => {
  const creator = await platform.person();
  const coordinates = { lat: -6.9, lon: 107.6 };
  for (let made = 0; made < 3; made += 1) await creator.post("/v1/tasks", taskInput({ coordinates }));
  const orders = ["", "updated_since=2026-01-01T00:00:00Z", "near=-6.9,107.6"];
  const cursors: string[] = [];
  for (const order of orders) {
    const page = await creator.get(`/v1/tasks?limit=1&${order}`.replace(/&$/, ""));
    expect(page.json["next_cursor"]).toEqual(expect.any(String));
    cursors.push(String(page.json["next_cursor"]));
  }
  for (const [at, order] of orders.entries())
    for (const [from, made] of cursors.entries()) {
      const answer = await creator.get(`/v1/tasks?limit=1&cursor=${made}&${order}`.replace(/&$/, ""));
      if (at === from) expect(answer.status).toBe(200);
      else expect(problem(answer), `${orders[from]} in ${order}`).toBe("400 VALIDATION_FAILED cursor:format");
    }
});

test("a search with updated_since does not fall back to similar words, whose results have another order", async () => {
  const creator = await platform.person();
  const word = `w${randomUUID().replaceAll(/[^a-z]/g, "")}kerja`;
  for (let made = 0; made < 3; made += 1) await creator.post("/v1/tasks", taskInput({ title: `${word} bersama` }));
  const mistyped = `${word.slice(0, -1)}o`;
  expect((await creator.get(`/v1/tasks?q=${mistyped}`)).json["data"]).toHaveLength(3);
  const changes = await creator.get(`/v1/tasks?q=${mistyped}&updated_since=2026-01-01T00:00:00Z&limit=1`);
  expect(changes.json).toEqual({ data: [], next_cursor: null });
});

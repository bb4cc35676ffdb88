import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";
import { sized } from "../../harness/size.ts";

const platform = usePlatform({ workers: false });

const RUNS = sized(600, 3_000);
const SEED = 20_260_501;
const timestamp = new Date().toISOString();
const hash = "a".repeat(64);
/** Valid bodies to corrupt. `:contribution` and similar strings are placeholders for existing ids. */
const BODIES: readonly (readonly [method: string, path: string, body: object])[] = [
  [
    "POST",
    "/v1/tasks",
    {
      title: "T",
      description: "D",
      difficulty: "easy",
      location: "L",
      coordinates: { lat: 1, lon: 1 },
      estimated_hours: 1.5,
      skill_ids: [],
      metadata: { a: 1 },
    },
  ],
  [
    "PATCH",
    "/v1/tasks/:task",
    { title: "T", location: null, coordinates: { lat: 1, lon: 1 }, estimated_hours: 2, metadata: { a: [1] } },
  ],
  ["POST", "/v1/tasks/:task/assign", { user_id: randomUUID() }],
  ["PATCH", "/v1/me", { username: "someone-else", bio: "B", skill_ids: [randomUUID()] }],
  ["POST", "/v1/skills", { name: "N", category: "C" }],
  [
    "POST",
    "/v1/contributions",
    { contribution_type: "custom", title: "T", description: "D", skill_ids: [], metadata: { a: 1 } },
  ],
  [
    "POST",
    "/v1/contributions/:contribution/uploads",
    { file_name: "f.jpg", content_type: "image/jpeg", size_bytes: 60_000, sha256: hash },
  ],
  [
    "POST",
    "/v1/contributions/:contribution/evidence",
    {
      evidence_type: "gps_verification",
      proof: { timestamp, location: { lat: 1, lon: 1 }, accuracy_meters: 5, speed_mps: 1 },
      evidence_data: { a: 1 },
    },
  ],
  [
    "POST",
    "/v1/contributions/:contribution/evidence",
    {
      evidence_type: "witness_attestation",
      proof: { timestamp, witnesses: [{ witness_name: "W", relationship: "peer", statement: "S" }] },
    },
  ],
  [
    "POST",
    "/v1/contributions/:contribution/evidence",
    { evidence_type: "photo_with_timestamp", proof: { timestamp, media_hash: hash }, upload_id: randomUUID() },
  ],
  ["POST", "/v1/contributions/:contribution/verifications", { outcome: "approved", notes: "N" }],
  ["POST", "/v1/vouches", { vouchee_id: randomUUID(), skill_id: randomUUID(), weight_hint: "light", message: "M" }],
  [
    "POST",
    "/v1/admin/webhook-failures/redrive",
    { event_type: "por_evidence", status: 422, failed_from: timestamp, failed_before: timestamp },
  ],
  ["PUT", "/v1/admin/users/:user/roles", { roles: ["verifier"] }],
  ["POST", "/v1/auth/refresh", { refresh_token: "x" }],
  ["POST", "/v1/auth/password-resets/confirm", { token: "x", password: "a long enough phrase" }],
];
const QUERIES = [
  "/v1/tasks?status=&difficulty=&skill=&creator=&assignee=&q=&limit=&cursor=",
  "/v1/contributions?user=&task=&status=&limit=&cursor=",
  "/v1/users/:user/contributions?status=&limit=&cursor=",
  "/v1/users/:user/vouches?limit=&cursor=",
  "/v1/skills?category=&limit=&cursor=",
  "/v1/admin/webhook-events?status=&limit=&cursor=",
  "/v1/admin/webhook-failures?redriven=&limit=&cursor=",
  "/v1/admin/audit-log?actor=&action=&target=&limit=&cursor=",
].map((query) => query.split("?"));

/** Generates values that clients send by mistake or on purpose. */
const strange = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -0, -1, 1e308, 1e-320, 2 ** 53, 0.005, "", " ", [], {}, [null], [[]], {
    lat: 91,
  }),
  fc.constantFrom(
    "\u0000",
    "\ud800",
    "a\u0000b",
    "\u202e",
    "😀".repeat(60),
    "x".repeat(6000),
    "%00",
    "' or 1=1 --",
    "${7*7}",
  ),
  fc.constantFrom(
    "2026-02-30T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "+275760-09-13T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "now",
    "NaN",
  ),
  fc.constantFrom<unknown>({ __proto__: null, constructor: 1 }, JSON.parse('{"__proto__":{"a":1}}'), { toString: "x" }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 4 }),
  fc.uuid(),
);

/** The paths of all places in a value that can be replaced. */
function places(value: unknown, at: readonly string[] = []): string[][] {
  const own = [[...at]];
  if (typeof value !== "object" || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...at, key]))];
}

function bend(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    name === key ? bend(inner, rest, replacement) : inner,
  ]);
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

test("no malformed request gets a 5xx, and every rejection is a problem document", async () => {
  const admin = await platform.person(["admin", "verifier"]);
  const owner = await platform.person();
  const contribution = await contributionOf(owner);
  const task = await admin.post("/v1/tasks", { title: "T", description: "", difficulty: "easy" });
  const names: Record<string, string> = {
    ":task": String(task.json["id"]),
    ":contribution": contribution,
    ":user": owner.id,
  };
  const real = (path: string) => path.replaceAll(/:\w+/g, (name) => names[name] ?? name);
  const check = async (method: string, path: string, body?: unknown) => {
    const answer = await platform.request(method, path, {
      token: admin.token,
      ...(body === undefined ? {} : { body: JSON.stringify(body) ?? "" }),
    });
    const what = `${method} ${path} ${JSON.stringify(body)?.slice(0, 300)} → ${JSON.stringify(answer.json).slice(0, 300)}`;
    expect(answer.status, what).toBeLessThan(500);
    if (answer.status >= 400) expect(answer.headers.get("content-type"), what).toBe("application/problem+json");
  };
  const body = fc.constantFrom(...BODIES).chain(([method, path, right]) =>
    fc.record({ place: fc.constantFrom(...places(right)), replacement: strange }).map(({ place, replacement }) => ({
      method,
      path,
      body: bend(right, place, replacement),
    })),
  );
  const query = fc.constantFrom(...QUERIES).chain(([path = "", parameters = ""]) =>
    fc
      .record({ name: fc.constantFrom(...parameters.replaceAll("=", "").split("&"), "unknown"), value: strange })
      .map(({ name, value }) => ({
        path,
        name,
        value: typeof value === "string" ? value : (JSON.stringify(value) ?? ""),
      })),
  );
  await fc.assert(
    fc.asyncProperty(body, ({ method, path, body }) => check(method, real(path), body)),
    { numRuns: RUNS, seed: SEED },
  );
  await fc.assert(
    fc.asyncProperty(query, ({ path, name, value }) =>
      check("GET", `${real(path)}?${name}=${encodeURIComponent(value.toWellFormed())}`),
    ),
    { numRuns: RUNS / 2, seed: SEED },
  );
}, 120_000);

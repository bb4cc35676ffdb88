import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";

// Checks the size limits of the schemas (tests/integration/contract/answer-size.test.ts) with the largest accepted data.
const platform = usePlatform({ workers: false });
const MAX_BYTES = 1_000_000;
const RAIN = "🌧"; // four bytes in UTF-8, two UTF-16 units, one character
const metadata = { ["\\".repeat(4_000)]: '"'.repeat(4_000), rain: RAIN.repeat(80) };
/** Numbers that JSON writes in few characters. As `jsonb`, PostgreSQL would write them out with 309 and 326 digits each. */
const numbers = { numbers: Array.from({ length: 2_000 }, (_, index) => (index % 2 === 0 ? 5e-324 : 1.7e308)) };
let owner: Person;
let other: Person;

beforeAll(async () => {
  Config.use({ ...platform.variables, VERIFICATION_QUORUM: "99" });
  [owner, other] = [await platform.person(), await platform.person()];
});

/** Reads a list page by page. @returns the bytes of each page, and the ids of all items in order */
async function walk(person: Person, path: string): Promise<{ bytes: number[]; ids: unknown[] }> {
  const [bytes, ids]: [number[], unknown[]] = [[], []];
  for (let cursor = ""; ;) {
    const response = await platform.raw("GET", `${path}?limit=100${cursor}`, { token: person.token });
    const text = await response.text();
    expect(response.status, text.slice(0, 200)).toBe(200);
    bytes.push(Buffer.byteLength(text));
    const page: { data: { id: string }[]; next_cursor: string | null } = JSON.parse(text);
    ids.push(...page.data.map(({ id }) => id));
    if (page.next_cursor === null) return { bytes, ids };
    cursor = `&cursor=${page.next_cursor}`;
  }
}

const made = (answer: Answer): string => {
  expect(answer.status, JSON.stringify(answer.json).slice(0, 300)).toBeLessThan(300);
  return String(answer.json["id"]);
};

/** Expects a list that is too large for one response: its pages are small enough, and together contain all items. */
function expectCut({ bytes, ids }: Awaited<ReturnType<typeof walk>>, expected: readonly string[]): void {
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(MAX_BYTES);
  for (const one of bytes) expect(one).toBeLessThan(MAX_BYTES);
  expect(ids).toEqual(expected);
}

test("100 tasks with the longest texts and metadata are returned in pages below 1 MB, each task once", async () => {
  const task = {
    title: RAIN.repeat(200),
    description: RAIN.repeat(5_000),
    location: RAIN.repeat(500),
    difficulty: "easy",
    metadata,
  };
  const ids: string[] = [];
  for (let tasks = 0; tasks < 100; tasks += 1) ids.unshift(made(await owner.post("/v1/tasks", task)));
  expectCut(await walk(owner, "/v1/tasks"), ids);
});

test("100 contributions with the longest texts are returned in pages below 1 MB, with their numbers unchanged", async () => {
  const member = await platform.person();
  const ids: string[] = [];
  for (let contributions = 0; contributions < 100; contributions += 1) {
    const more = contributions % 2 === 0 ? metadata : numbers;
    const body = {
      contribution_type: "custom",
      title: '"'.repeat(200),
      description: RAIN.repeat(2_000),
      metadata: more,
    };
    ids.unshift(made(await member.post("/v1/contributions", body)));
  }
  expectCut(await walk(owner, `/v1/users/${member.id}/contributions`), ids);
  const [stored] = await platform.sql`select max(octet_length(metadata::text)) as bytes from contributions`;
  expect(stored?.["bytes"]).toBeLessThanOrEqual(16_384);
});

test("a contribution with the maximum of evidence and votes is returned below 1 MB, with links to the rest", async () => {
  const verifier = await platform.person(["verifier"]);
  const contributionId = await contributionOf(owner);
  const path = `/v1/contributions/${contributionId}`;
  const witnesses = Array.from({ length: 10 }, (_, index) => ({
    witness_name: RAIN.repeat(254) + String(index),
    statement: RAIN.repeat(2_000),
    relationship: "beneficiary",
  }));
  const timestamp = new Date().toISOString();
  const attest = (evidence_data: object) => ({
    evidence_type: "witness_attestation",
    proof: { timestamp, witnesses },
    evidence_data,
  });
  const pieces: string[] = [];
  for (let piece = 0; piece < 20; piece += 1)
    pieces.push(made(await owner.post(`${path}/evidence`, attest(piece % 2 === 0 ? metadata : numbers))));
  for (let piece = 0; piece < 5; piece += 1) pieces.push(made(await other.post(`${path}/evidence`, attest(metadata))));
  const votes: string[] = [];
  for (let cast = 0; cast < 98; cast += 1) {
    const [id, voter] = [`00000000-0000-7000-8000-${String(cast).padStart(12, "0")}`, randomUUID()];
    await platform.sql`insert into users (id, username, email, password_hash) values (${voter}, ${`v-${cast}`}, ${`v${cast}@example.org`}, 'x')`;
    await platform.sql`insert into verifications (id, contribution_id, verifier_id, outcome, notes) values (${id}, ${contributionId}, ${voter}, 'approved', ${RAIN.repeat(2_000)})`;
    votes.push(id);
  }

  const whole = await verifier.get(path);
  expect(whole.status).toBe(200);
  expect(Buffer.byteLength(JSON.stringify(whole.json))).toBeLessThan(MAX_BYTES);
  expect([whole.json["evidence_total"], whole.json["verifications_total"]]).toEqual([25, 98]);
  expect([whole.json["evidence_next_cursor"], whole.json["verifications_next_cursor"]]).toEqual([
    expect.any(String),
    expect.any(String),
  ]);
  expectCut(await walk(verifier, `${path}/evidence`), pieces);
  const all = await walk(verifier, `${path}/verifications`);
  expect([all.ids, Math.max(...all.bytes) < MAX_BYTES]).toEqual([votes, true]);
  // A verifier can still vote on a contribution of this size.
  expect((await verifier.post(`${path}/verifications`, { outcome: "approved" })).json["verification_status"]).toBe(
    "verified",
  );
});

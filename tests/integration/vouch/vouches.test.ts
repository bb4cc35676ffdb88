import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });

async function skill(): Promise<string> {
  const admin = await platform.person(["admin"]);
  return String((await admin.post("/v1/skills", { name: `S ${randomUUID()}`, category: "test" })).json["id"]);
}

test("a member vouches once in general and once for each skill, and Markov gets the vouches in order", async () => {
  const [voucher, vouchee] = [await platform.person(), await platform.person()];
  const skillId = await skill();
  const general = { vouchee_id: vouchee.id, weight_hint: "strong", message: "Always there." };
  const first = await voucher.post("/v1/vouches", general);
  expect([first.status, first.json]).toMatchObject([201, { ...general, voucher_id: voucher.id, skill_id: null }]);
  const second = await voucher.post("/v1/vouches", { vouchee_id: vouchee.id, skill_id: skillId });
  expect([second.status, second.json]).toMatchObject([201, { skill_id: skillId, weight_hint: null, message: null }]);
  expect(problem(await voucher.post("/v1/vouches", { vouchee_id: vouchee.id }))).toBe("409 ALREADY_VOUCHED");
  expect(problem(await voucher.post("/v1/vouches", { vouchee_id: vouchee.id, skill_id: skillId }))).toBe(
    "409 ALREADY_VOUCHED",
  );
  expect((await vouchee.post("/v1/vouches", { vouchee_id: voucher.id })).status).toBe(201);
  const received = await until(
    () => platform.markov.ledger.events.filter((event) => event.subject === `vouch:${voucher.id}:${vouchee.id}`),
    (events) => events.length === 2,
  );
  expect(received.map((event): unknown => JSON.parse(event.body))).toMatchObject([
    {
      event_type: "vouch_submitted",
      actor: { user_id: voucher.id },
      subject: { vouchee_id: vouchee.id, weight_hint: "strong", message: "Always there." },
    },
    { subject: { vouchee_id: vouchee.id, skill_id: skillId } },
  ]);
  expect(received.map((event) => event.sequence)).toEqual([1, 2]);
  const listed = await voucher.get(`/v1/users/${vouchee.id}/vouches?limit=1`);
  expect(listed.json["data"]).toMatchObject([{ id: second.json["id"] }]);
  const next = await voucher.get(`/v1/users/${vouchee.id}/vouches?cursor=${String(listed.json["next_cursor"])}`);
  expect(next.json).toMatchObject({ data: [{ id: first.json["id"] }], next_cursor: null });
});

test("a vouch for oneself, an unknown member or skill, or with invalid fields is rejected, and nothing is stored or sent", async () => {
  const [voucher, vouchee] = [await platform.person(), await platform.person()];
  const refused = async (body: object) => problem(await voucher.post("/v1/vouches", body));
  expect(await refused({ vouchee_id: voucher.id })).toBe("422 RULE_VIOLATED");
  expect(await refused({ vouchee_id: randomUUID() })).toBe("400 VALIDATION_FAILED vouchee_id:unknown_reference");
  expect(await refused({ vouchee_id: vouchee.id, skill_id: randomUUID() })).toBe(
    "400 VALIDATION_FAILED skill_id:unknown_reference",
  );
  expect(await refused({ vouchee_id: vouchee.id, message: "x".repeat(501) })).toBe(
    "400 VALIDATION_FAILED message:too_long",
  );
  expect(await refused({ vouchee_id: vouchee.id, weight_hint: "huge" })).toBe(
    "400 VALIDATION_FAILED weight_hint:not_allowed",
  );
  expect(await refused({})).toBe("400 VALIDATION_FAILED vouchee_id:required");
  const rows = await platform.sql`select 1 from vouches where voucher_id = ${voucher.id}`;
  const events = await platform.sql`select 1 from webhook_events where actor_id = ${voucher.id}`;
  expect([rows.length, events.length]).toEqual([0, 0]);
});

test("only one of twenty concurrent identical vouches is accepted", async () => {
  const [voucher, vouchee] = [await platform.person(), await platform.person()];
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => voucher.post("/v1/vouches", { vouchee_id: vouchee.id })),
  );
  const refused = answers.filter((answer) => answer.status === 409);
  expect([answers.filter((answer) => answer.status === 201).length, refused.length]).toEqual([1, 19]);
  const events = await platform.sql`select 1 from webhook_events where actor_id = ${voucher.id}`;
  expect(events).toHaveLength(1);
});

test("a vouch needs the minimum reputation: no known one gives 422, a stale score counts, an unavailable one gives 503", async () => {
  const [voucher, vouchee] = [await platform.person(), await platform.person()];
  await contributionOf(voucher);
  await until(
    () => platform.sql`select 1 from webhook_events where actor_id = ${voucher.id} and status = 'delivered'`,
    (rows) => rows.length === 1,
  );
  const newcomer = await platform.person();
  const vouch = { vouchee_id: vouchee.id };
  Config.use({ ...platform.variables, VOUCH_MINIMUM_REPUTATION: "11" });
  try {
    expect(problem(await newcomer.post("/v1/vouches", vouch))).toBe("422 REPUTATION_TOO_LOW"); // Markov does not know the newcomer, so there is no reputation
    expect(problem(await voucher.post("/v1/vouches", vouch))).toBe("422 REPUTATION_TOO_LOW"); // the score is 10
    Config.use({ ...platform.variables, VOUCH_MINIMUM_REPUTATION: "10" });
    await Cache.close();
    platform.markov.misbehave({ count: 2, path: "reputation", status: 500 });
    expect((await voucher.post("/v1/vouches", vouch)).status).toBe(201); // the last known value counts
    const unknown = await newcomer.post("/v1/vouches", vouch);
    expect(problem(unknown)).toBe("503 UNAVAILABLE");
    expect(unknown.headers.get("retry-after")).toBe("30");
  } finally {
    Config.use(platform.variables);
  }
});

// Counts round trips, statements, calls and bytes of single requests. These numbers do not depend on the host. A change
// that lowers a number also updates it in this file.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Skill } from "@gotong/core/domain/skill/index.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { type Calls, countCalls } from "./calls.ts";
import { type Wire, startWire } from "./wire.ts";

const platform = usePlatform({ workers: false });
let wire: Wire;
let calls: Calls;
let member: Person;
let other: Person;

beforeAll(async () => {
  wire = await startWire(String(platform.variables["DATABASE_URL"]));
  // Uses a single connection, so that the statements of a request cannot run on two connections at the same time.
  Config.use({ ...platform.variables, DATABASE_URL: wire.url, DATABASE_POOL_SIZE: "1" });
  await Db.close();
  calls = countCalls(platform.aws.endpoint);
  [member, other] = [await platform.person(), await platform.person(["verifier"])];
  await Skill.ensure("Masonry", "Building");
});
afterAll(async () => {
  calls.stop();
  await Db.close();
  await wire.close();
});

interface Cost {
  readonly roundTrips: number;
  readonly statements: number;
  /** Number of requests to SQS and S3. */
  readonly calls: number;
  /**
   * Maximum number of bytes to and from PostgreSQL. It is a maximum, since timestamps differ in length. It includes the
   * names of people, which responses contain beside their ids.
   */
  readonly bytes: number;
}

interface Case {
  readonly name: string;
  readonly cost: Cost;
  /**
   * Creates the data that the request needs.
   * @returns a function that sends the request
   */
  readonly prepare: () => Promise<() => Promise<Answer>>;
  readonly status?: number;
}

const CONTRIBUTION = { contribution_type: "community_service", title: "Cleared the drain" };
const TASK = { title: "Repair the bridge", description: "Two planks are loose.", difficulty: "easy" };
const idOf = (answer: Answer) => String(answer.json["id"]);
const sendIt = (send: () => Promise<Answer>) => () => Promise.resolve(send);

const CASES: readonly Case[] = [
  {
    name: "GET /live",
    cost: { roundTrips: 0, statements: 0, calls: 0, bytes: 0 },
    prepare: sendIt(() => platform.request("GET", "/live")),
  },
  {
    name: "GET /v1/tasks from the database",
    // PostgreSQL returns the items as JSON with field names: that takes more bytes than rows do, but a third of the CPU
    // time.
    cost: { roundTrips: 1, statements: 2, calls: 0, bytes: 3700 },
    prepare: async () => {
      for (let count = 0; count < 3; count += 1) await member.post("/v1/tasks", TASK);
      return () => member.get("/v1/tasks?limit=3");
    },
  },
  {
    name: "GET /v1/tasks from the cache",
    cost: { roundTrips: 1, statements: 1, calls: 0, bytes: 260 },
    prepare: async () => {
      await member.get("/v1/tasks?limit=3");
      return () => member.get("/v1/tasks?limit=3");
    },
  },
  {
    name: "GET /v1/tasks/{task_id}",
    cost: { roundTrips: 2, statements: 2, calls: 0, bytes: 950 },
    prepare: async () => {
      const id = idOf(await member.post("/v1/tasks", TASK));
      return () => other.get(`/v1/tasks/${id}`);
    },
  },
  {
    name: "GET /v1/me",
    cost: { roundTrips: 2, statements: 2, calls: 0, bytes: 700 },
    prepare: sendIt(() => member.get("/v1/me")),
  },
  {
    name: "GET /v1/contributions",
    cost: { roundTrips: 2, statements: 2, calls: 0, bytes: 1150 },
    prepare: async () => {
      await member.post("/v1/contributions", CONTRIBUTION);
      return () => member.get("/v1/contributions?limit=1");
    },
  },
  {
    name: "POST /v1/tasks",
    cost: { roundTrips: 7, statements: 8, calls: 0, bytes: 1700 },
    prepare: async () => {
      const skill = (await member.get("/v1/skills")).json["data"]?.[0]?.["id"];
      return () => member.post("/v1/tasks", { ...TASK, skill_ids: [skill] });
    },
    status: 201,
  },
  {
    name: "POST /v1/tasks/{task_id}/claim",
    cost: { roundTrips: 10, statements: 13, calls: 0, bytes: 4150 },
    prepare: async () => {
      const id = idOf(await member.post("/v1/tasks", TASK));
      return () => other.post(`/v1/tasks/${id}/claim`);
    },
  },
  {
    name: "POST /v1/contributions",
    cost: { roundTrips: 3, statements: 3, calls: 1, bytes: 1600 },
    prepare: sendIt(() => member.post("/v1/contributions", CONTRIBUTION)),
    status: 201,
  },
  {
    name: "POST /v1/contributions with an Idempotency-Key",
    cost: { roundTrips: 7, statements: 13, calls: 1, bytes: 3550 },
    prepare: sendIt(() => member.post("/v1/contributions", CONTRIBUTION, { "idempotency-key": randomUUID() })),
    status: 201,
  },
  {
    name: "POST /v1/contributions/{contribution_id}/verifications",
    cost: { roundTrips: 10, statements: 10, calls: 0, bytes: 2600 },
    prepare: async () => {
      const id = idOf(await member.post("/v1/contributions", CONTRIBUTION));
      return () => other.post(`/v1/contributions/${id}/verifications`, { outcome: "approved" });
    },
    status: 201,
  },
  {
    name: "POST /v1/auth/refresh",
    cost: { roundTrips: 8, statements: 8, calls: 0, bytes: 1550 },
    prepare: async () => {
      const person = await platform.person();
      return () => platform.request("POST", "/v1/auth/refresh", { body: { refresh_token: person.refreshToken } });
    },
  },
];

test.for(CASES)(
  "the request $name needs as many round trips, statements and calls as recorded, and at most the recorded bytes",
  async ({ cost, prepare, status = 200 }) => {
    let counted: Cost | undefined;
    // Runs the request three times first, so that statements are prepared, clients created and modules loaded before it
    // is counted.
    for (let run = 0; run < 3; run += 1) {
      const send = await prepare();
      wire.take();
      calls.take();
      expect((await send()).status).toBe(status);
      counted = { ...wire.take(), calls: calls.take() };
    }
    expect(counted).toEqual({ ...cost, bytes: expect.toSatisfy((bytes) => Number(bytes) <= cost.bytes) });
  },
);

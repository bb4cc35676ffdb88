import { afterEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { gpsReading, taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { submitPhoto } from "../../harness/evidence.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
afterEach(() => Config.use(platform.variables));

const CONTRIBUTION = { contribution_type: "mentoring", title: "Showed how to mend nets" };
const CASES = [
  ["TASK_LIMIT_PER_DAY", async () => (person: Person) => person.post("/v1/tasks", taskInput())],
  [
    "ASSIGNMENT_LIMIT_PER_DAY",
    async (owner: Person) => {
      const tasks: string[] = [];
      for (let made = 0; made < 5; made += 1)
        tasks.push(String((await owner.post("/v1/tasks", taskInput())).json["id"]));
      return (person: Person) => person.post(`/v1/tasks/${tasks.pop() ?? ""}/claim`);
    },
  ],
  ["CONTRIBUTION_LIMIT_PER_DAY", async () => (person: Person) => person.post("/v1/contributions", CONTRIBUTION)],
  [
    "EVIDENCE_LIMIT_PER_DAY",
    async (owner: Person) => {
      const id = await contributionOf(owner);
      return (person: Person) => person.post(`/v1/contributions/${id}/evidence`, gpsReading());
    },
  ],
] as const;

test.for(CASES)(
  "the setting %s limits the items that one member creates in 24 hours, without affecting other members",
  async ([setting, prepare]) => {
    const [member, other] = [await platform.person(), await platform.person()];
    const make = await prepare(member);
    Config.use({ ...platform.variables, [setting]: "2" });
    for (let made = 0; made < 2; made += 1) expect((await make(member)).status).toBeLessThan(300);
    const refused = await make(member);
    expect(problem(refused)).toBe("429 RATE_LIMITED");
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(86_000);
    expect(seconds).toBeLessThanOrEqual(86_400);
    expect((await make(other)).status).toBeLessThan(300);
    const back = Clock.set(() => new Date(Date.now() + 86_401_000));
    try {
      const { email, password } = member;
      const login = await platform.request("POST", "/v1/auth/login", { body: { email, password } });
      const again = {
        ...member,
        post: (path: string, body?: object) =>
          platform.request("POST", path, { body, token: String(login.json["access_token"]) }),
      };
      expect((await make(again)).status).toBeLessThan(300);
    } finally {
      back();
    }
  },
);

test("completing a task counts towards CONTRIBUTION_LIMIT_PER_DAY", async () => {
  const member = await platform.person();
  const task = String((await member.post("/v1/tasks", taskInput())).json["id"]);
  await member.post(`/v1/tasks/${task}/claim`);
  await member.post(`/v1/tasks/${task}/start`);
  await member.post("/v1/contributions", CONTRIBUTION);
  Config.use({ ...platform.variables, CONTRIBUTION_LIMIT_PER_DAY: "1" });
  expect(problem(await member.post(`/v1/tasks/${task}/complete`))).toBe("429 RATE_LIMITED");
  expect((await member.get(`/v1/tasks/${task}`)).json["status"]).toBe("in_progress");
});

test("AUDITED_READ_LIMIT_PER_DAY limits every audited read; rejected reads add no audit entry, other reads still work", async () => {
  const [owner, verifier] = [await platform.person(), await platform.person(["verifier"])];
  const contribution = `/v1/contributions/${await contributionOf(owner)}`;
  const piece = String((await owner.post(`${contribution}/evidence`, gpsReading())).json["id"]);
  const pictured = await submitPhoto(owner, contribution.split("/").at(-1) ?? "");
  const audited = [
    contribution,
    `${contribution}/evidence`,
    `/v1/evidence/${piece}`,
    `/v1/evidence/${pictured}/download`,
    `${contribution}/proof`,
    "/v1/me/export",
  ];
  const entries = async () =>
    (await platform.sql`select count(*)::int as entries from audit_log where actor_id = ${verifier.id}`)[0]?.[
      "entries"
    ];
  const before = Number(await entries());
  for (const path of audited) expect((await verifier.get(path)).status, path).toBe(200);
  expect(await entries()).toBe(before + audited.length);

  Config.use({ ...platform.variables, AUDITED_READ_LIMIT_PER_DAY: String(before + audited.length) });
  for (const path of audited) expect(problem(await verifier.get(path)), path).toBe("429 RATE_LIMITED");
  expect(await entries()).toBe(before + audited.length);
  for (const path of ["/v1/me", `${contribution}/verifications`, "/v1/verification-queue"])
    expect((await verifier.get(path)).status, path).toBe(200);
  expect((await owner.get(contribution)).status).toBe(200);
});

import { beforeAll, expect, test } from "vitest";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
let owner: Person;
let verifiers: readonly Person[];
beforeAll(async () => {
  owner = await platform.person(["verifier"]);
  verifiers = [
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
  ];
});

const verificationsOf = async (person: Person) => `/v1/contributions/${await contributionOf(person)}/verifications`;

/** The status of the contribution after a vote of the verifier with this number, or the problem. */
async function vote(number: number, path: string, outcome: string): Promise<string> {
  const answer = await verifiers[number]?.post(path, { outcome });
  if (!answer) throw new Error("there is no such verifier");
  return answer.status === 201 ? String(answer.json["verification_status"]) : problem(answer);
}

test("a vote requires the role verifier", async () => {
  const path = await verificationsOf(owner);
  expect(problem(await (await platform.person()).post(path, { outcome: "approved" }))).toBe("403 FORBIDDEN");
});

test("a verifier cannot vote on their own contribution", async () => {
  const answer = await owner.post(await verificationsOf(owner), { outcome: "approved" });
  expect(problem(answer)).toBe("403 FORBIDDEN");
  expect(answer.json["detail"]).toBe("You cannot verify your own contribution.");
});

test("a vote with an unknown outcome is rejected", async () => {
  expect(await vote(0, await verificationsOf(owner), "maybe")).toBe("400 VALIDATION_FAILED outcome:not_allowed");
});

test("a verifier's second vote on a contribution is rejected", async () => {
  const path = await verificationsOf(owner);
  expect(await vote(0, path, "approved")).toBe("pending");
  expect(await vote(0, path, "approved")).toBe("409 ALREADY_VERIFIED");
});

test("the response to a vote contains its outcome and notes", async () => {
  const notes = "The drain is still full.";
  const noted = await verifiers[0]?.post(await verificationsOf(owner), { outcome: "rejected", notes });
  expect(noted?.json).toMatchObject({ verification_status: "pending", verification: { outcome: "rejected", notes } });
});

test("the majority of three votes decides, and later votes are rejected", async () => {
  const path = await verificationsOf(owner);
  expect(await vote(0, path, "approved")).toBe("pending");
  expect(await vote(1, path, "rejected")).toBe("pending");
  expect(await vote(2, path, "rejected")).toBe("rejected");
  expect(await vote(3, path, "approved")).toBe("409 VERIFICATION_CLOSED");
});

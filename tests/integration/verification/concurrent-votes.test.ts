import { expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

test("exactly the quorum of ten concurrent votes counts, one vote decides, and the decision matches the votes", async () => {
  const member = await platform.person();
  const verifiers = await Promise.all(Array.from({ length: 10 }, () => platform.person(["verifier"])));
  for (let round = 0; round < 5; round += 1) {
    const id = await contributionOf(member);
    const answers = await Promise.all(
      verifiers.map((verifier, index) =>
        verifier.post(`/v1/contributions/${id}/verifications`, { outcome: index % 2 === 0 ? "approved" : "rejected" }),
      ),
    );
    const statuses = answers.map((answer) => String(answer.json["verification_status"] ?? answer.json["code"]));
    expect(statuses.filter((status) => status === "pending")).toHaveLength(2);
    expect(statuses.filter((status) => status === "verified" || status === "rejected")).toHaveLength(1);
    expect(statuses.filter((status) => status === "VERIFICATION_CLOSED")).toHaveLength(7);
    const votes = await platform.sql`select outcome from verifications where contribution_id = ${id}`;
    expect(votes).toHaveLength(3);
    const approvals = votes.filter((vote) => vote["outcome"] === "approved").length;
    const whole = await member.get(`/v1/contributions/${id}`);
    expect(whole.json["verification_status"]).toBe(approvals >= 2 ? "verified" : "rejected");
  }
});

import { beforeAll, expect, test } from "vitest";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { HOME, reading, submit, submitPhoto, vote } from "../../harness/evidence.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { photograph } from "../../harness/scenes.ts";
import { sized } from "../../harness/size.ts";

const platform = usePlatform({ workers: false });
const ROUNDS = sized(15, 50);
let owner: Person;
let helper: Person;
let verifiers: [Person, Person, Person];

beforeAll(async () => {
  [owner, helper] = [await platform.person(), await platform.person()];
  const verifier = () => platform.person(["verifier"]);
  verifiers = [await verifier(), await verifier(), await verifier()];
});

async function contribution(): Promise<string> {
  const made = await owner.post("/v1/contributions", { contribution_type: "custom", title: "Race" });
  expect(made.status).toBe(201);
  return String(made.json["id"]);
}

/**
 * Sends the deciding vote and `act` concurrently, in either order.
 * @returns the response to `act`, and the score afterwards
 */
async function atDecision<T>(round: number, contributionId: string, act: () => Promise<T>): Promise<[T, number]> {
  for (const verifier of verifiers.slice(0, 2)) await vote(verifier, contributionId);
  const deciding = () => vote(verifiers[2], contributionId);
  const first = round % 2 === 0 ? deciding() : undefined;
  const [result] = await Promise.all([act(), first ?? deciding()]);
  const [row] =
    await platform.sql`select verification_status, quality_score from contributions where id = ${contributionId}`;
  expect(row?.["verification_status"], `round ${round}`).toBe("verified");
  // The displayed score equals the stored one. It is final, since no piece of evidence is still undecided.
  const whole = await owner.get(`/v1/contributions/${contributionId}`);
  expect(whole.json["quality_score"], `round ${round}`).toBe(row?.["quality_score"]);
  const left = await platform.sql`select 1 from evidence
    where contribution_id = ${contributionId} and status in ('examining', 'awaiting_consent')`;
  expect(left, `round ${round}`).toHaveLength(0);
  return [result, Number(row?.["quality_score"])];
}

const codeOf = ({ status, json }: Answer) => (status < 300 ? "done" : String(json["code"]));

test("evidence submitted during the deciding vote counts for the score or is rejected", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await contribution();
    const [answer, score] = await atDecision(round, id, () =>
      owner.post(`/v1/contributions/${id}/evidence`, reading(HOME)),
    );
    expect([codeOf(answer), score], `round ${round}`).toEqual(
      answer.status < 300 ? ["done", 0.7] : ["VERIFICATION_CLOSED", 0.5],
    );
  }
});

test("the owner's consent during the deciding vote makes the piece of evidence count, or is rejected", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await contribution();
    const piece = `/v1/evidence/${String((await submit(helper, id, reading(HOME))).json["id"])}`;
    const [answer, score] = await atDecision(round, id, () => owner.post(`${piece}/consent`, { accept: true }));
    const shown = await owner.get(piece);
    expect([codeOf(answer), shown.json["status"], score], `round ${round}`).toEqual(
      answer.status < 300 ? ["done", "accepted", 0.7] : ["VERIFICATION_CLOSED", "refused", 0.5],
    );
  }
});

test("a withdrawal during the deciding vote removes the piece of evidence from the score, or is rejected", async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await contribution();
    const piece = `/v1/evidence/${String((await submit(owner, id, reading(HOME))).json["id"])}`;
    const [answer, score] = await atDecision(round, id, () => owner.post(`${piece}/withdraw`, {}));
    const shown = await owner.get(piece);
    expect([codeOf(answer), shown.json["status"], score], `round ${round}`).toEqual(
      answer.status < 300 ? ["done", "withdrawn", 0.5] : ["VERIFICATION_CLOSED", "accepted", 0.7],
    );
  }
});

test("a photo whose examination finishes during the deciding vote counts, or is refused because of the decision", async () => {
  for (let round = 0; round < 16; round += 1) {
    const id = await contribution();
    const photo = await submitPhoto(owner, id);
    // The vote takes much less time than the examination. The expected result depends on which of them commits first.
    const [result, score] = await atDecision(round, id, () => examine(photo));
    const shown = await owner.get(`/v1/evidence/${photo}`);
    const refusal = shown.json["refusal"]?.["code"] ?? null;
    expect([result, refusal, score], `round ${round}`).toEqual(
      result === "accepted" ? ["accepted", null, 0.7] : ["unchanged", "VERIFICATION_CLOSED", 0.5],
    );
  }
});

test("of three concurrent decisions of the owner about one piece of evidence, exactly one succeeds", async () => {
  for (let round = 0; round < 20; round += 1) {
    const id = await contribution();
    const piece = `/v1/evidence/${String((await submit(helper, id, reading(HOME))).json["id"])}`;
    const answers = await Promise.all([
      owner.post(`${piece}/consent`, { accept: true }),
      owner.post(`${piece}/consent`, { accept: false }),
      owner.post(`${piece}/consent`, { accept: true }),
    ]);
    expect(answers.map(codeOf).toSorted(), `round ${round}`).toEqual([
      "INVALID_EVIDENCE_STATE",
      "INVALID_EVIDENCE_STATE",
      "done",
    ]);
    const [row] = await platform.sql`select count(*)::int as events from webhook_events
      where subject = ${`contribution:${id}`} and event_type = 'por_evidence'`;
    const shown = await owner.get(piece);
    expect(row?.["events"], `round ${round}`).toBe(String(shown.json["status"]) === "accepted" ? 1 : 0);
  }
});

test("exactly as many concurrent pieces of evidence, or upload URLs, are accepted as the limit allows", async () => {
  const id = await contribution();
  const all = async (count: number, person: Person, send: () => { path: string; body: object }) => {
    const answers = await Promise.all(
      Array.from({ length: count }, () => {
        const { path, body } = send();
        return person.post(`/v1/contributions/${id}/${path}`, body);
      }),
    );
    return Object.entries(Object.groupBy(answers.map(codeOf), (code) => code)).map(([code, of]) => [code, of?.length]);
  };
  const ticket = () => ({ path: "uploads", body: photograph().declared });
  const piece = () => ({ path: "evidence", body: reading(HOME) });
  const taken = (done: number, refused: number) =>
    expect.arrayContaining([
      ["done", done],
      ["EVIDENCE_LIMIT_REACHED", refused],
    ]);
  expect(await all(9, helper, ticket)).toEqual(taken(5, 4));
  expect(await all(9, helper, piece)).toEqual(taken(5, 4));
  expect(await all(30, owner, piece)).toEqual(taken(20, 10));
  expect(await all(2, owner, ticket)).toEqual([["EVIDENCE_LIMIT_REACHED", 2]]);
});

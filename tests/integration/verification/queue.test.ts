import { expect, test } from "vitest";
import { Db } from "@gotong/core/platform/db/index.ts";
import { gpsReading, witnessAttestation } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

const ok = (status: number) => expect(status).toBeLessThan(300);
const evidence = async (who: Person, contributionId: string, body: object) =>
  ok((await who.post(`/v1/contributions/${contributionId}/evidence`, body)).status);
/** The positions in `known` of the contributions in a verifier's queue, read page by page. */
async function queueOf(verifier: Person, known: readonly string[], limit = 2): Promise<number[]> {
  const found: number[] = [];
  for (let cursor = "", pages = 0; ; pages += 1) {
    expect(pages).toBeLessThan(100);
    const page = await verifier.get(`/v1/verification-queue?limit=${limit}${cursor}`);
    expect(page.status).toBe(200);
    const ids = [...JSON.stringify(page.json["data"]).matchAll(/\{"id":"([0-9a-f-]{36})","user_id"/g)];
    found.push(...ids.map(([, id = ""]) => known.indexOf(id)).filter((index) => index >= 0));
    const next: unknown = page.json["next_cursor"]?.valueOf();
    if (typeof next !== "string") return found;
    cursor = `&cursor=${next}`;
  }
}

test("a verifier's queue contains the contributions that they may vote on and have not voted on, oldest first", async () => {
  const [owner, verifier, other] = [
    await platform.person(),
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
  ];
  const admin = await platform.person(["admin"]);
  const known: string[] = [];
  for (let n = 0; n < 7; n += 1) known.push(await contributionOf(owner));
  const [waiting = "", voted = "", given = "", witnessed = "", hidden = "", decided = "", withdrawn = ""] = known;
  known.push(await contributionOf(verifier));
  await verifier.post(`/v1/contributions/${voted}/verifications`, { outcome: "approved" });
  await evidence(verifier, given, gpsReading());
  const attested = witnessAttestation("Ibu Sari");
  const witnesses = [{ witness_name: "Verifier", witness_id: verifier.id }];
  await evidence(owner, witnessed, { ...attested, proof: { ...attested.proof, witnesses } });
  await admin.post(`/v1/admin/contributions/${hidden}/hide`, { reason: "It names a child." });
  for (let n = 0; n < 3; n += 1)
    ok(
      (
        await (
          await platform.person(["verifier"])
        ).post(`/v1/contributions/${decided}/verifications`, { outcome: "approved" })
      ).status,
    );
  const piece = await verifier.post(`/v1/contributions/${withdrawn}/evidence`, gpsReading());
  ok((await verifier.post(`/v1/evidence/${String(piece.json["id"])}/withdraw`, {})).status);

  expect(await queueOf(verifier, known)).toEqual([known.indexOf(waiting), known.indexOf(withdrawn)]);
  expect(await queueOf(other, known)).toEqual([0, 1, 2, 3, 6, 7]);
  for (const id of [waiting, withdrawn])
    ok((await verifier.post(`/v1/contributions/${id}/verifications`, { outcome: "approved" })).status);
  expect(await queueOf(verifier, known)).toEqual([]);
  expect(problem(await owner.get("/v1/verification-queue"))).toBe("403 FORBIDDEN");
});

test("an item of the verifier's queue contains evidence types and findings, and a page needs no more queries than one item", async () => {
  const [owner, verifier] = [await platform.person(), await platform.person(["verifier"])];
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1) ids.push(await contributionOf(owner));
  const [first = ""] = ids;
  await evidence(owner, first, gpsReading({ accuracy_meters: 50 }));
  await evidence(owner, first, gpsReading({ accuracy_meters: 5 }));
  await evidence(owner, first, witnessAttestation("Ani", "Budi", "Citra"));
  const vote = { outcome: "rejected" };
  ok((await (await platform.person(["verifier"])).post(`/v1/contributions/${first}/verifications`, vote)).status);
  const queue = await verifier.get("/v1/verification-queue?limit=100");
  const item = [...Array(100).keys()].map((n) => queue.json["data"]?.[n]).find((one) => String(one?.["id"]) === first);
  const detail = (await verifier.get(`/v1/contributions/${first}`)).json;
  expect(item).toMatchObject({
    user: { id: owner.id, is_deleted: false },
    accepted_total: 3,
    evidence_types: ["gps_verification", "witness_attestation"],
    quality_score: detail["quality_score"],
    reputation_multiplier: detail["reputation_multiplier"],
    findings: [{ code: "gps_inaccurate", count: 1 }],
    thumbnail: null,
    verifications_total: 1,
  });
  expect(item?.["quality_score"]).toBe(0.9);
  const queries = async (limit: number) => {
    let count = 0;
    const stop = Db.watch(() => void (count += 1));
    await verifier.get(`/v1/verification-queue?limit=${limit}`);
    stop();
    return count;
  };
  expect(await queries(5)).toBe(await queries(1));
});

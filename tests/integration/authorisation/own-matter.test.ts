import { expect, test } from "vitest";
import { taskInput, witnessAttestation } from "../../harness/factories.ts";
import { reading, submit, vote } from "../../harness/evidence.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const reason = { reason: "It is not what I like to read." };

const naming = (witness: Person) => ({
  evidence_type: "witness_attestation",
  proof: {
    timestamp: new Date().toISOString(),
    witnesses: [{ witness_name: "A neighbour", witness_id: witness.id }],
  },
});
const idOf = ({ json }: { readonly json: { readonly [key: string]: unknown } }) => String(json["id"]);

test("an admin may neither hide nor unhide content in which this admin has a part, but another admin may", async () => {
  const own = await platform.person(["admin"]);
  const [other, second] = [await platform.person(), await platform.person(["admin"])];
  const taskOf = async (creator: Person) => idOf(await creator.post("/v1/tasks", taskInput()));
  const claimed = await taskOf(other);
  expect((await own.post(`/v1/tasks/${claimed}/claim`)).status).toBe(200);
  const [mine, theirs] = [await contributionOf(own), await contributionOf(other)];
  const content = {
    "a task that they created": `tasks/${await taskOf(own)}`,
    "a task that they work on": `tasks/${claimed}`,
    "their contribution": `contributions/${mine}`,
    "their piece on their contribution": `evidence/${idOf(await submit(own, mine, reading()))}`,
    "another's piece on their contribution": `evidence/${idOf(await submit(other, mine, witnessAttestation("Ibu Sari")))}`,
    "their piece on another's contribution": `evidence/${idOf(await submit(own, theirs, reading()))}`,
    "a piece that names them as a witness": `evidence/${idOf(await submit(other, theirs, naming(own)))}`,
  };
  for (const [what, path] of Object.entries(content)) {
    const hide = (admin: Person) => admin.post(`/v1/admin/${path}/hide`, reason);
    const unhide = (admin: Person) => admin.post(`/v1/admin/${path}/unhide`);
    const refused = await hide(own);
    expect([problem(refused), refused.json["detail"]], `hide ${what}`).toEqual([
      "403 FORBIDDEN",
      "This content concerns you: another admin has to hide or show it.",
    ]);
    expect((await hide(second)).status, what).toBe(200);
    expect(problem(await unhide(own)), `unhide ${what}`).toBe("403 FORBIDDEN");
    expect((await unhide(second)).status, what).toBe(200);
  }
  const [audited] = await platform.sql`
    select count(*)::int as count from audit_log where actor_id = ${own.id} and action like '%hide'`;
  expect(audited).toEqual({ count: 0 });
});

test("a verifier who submitted evidence or is a named witness may not vote until that evidence is withdrawn, or declined by the owner of the contribution", async () => {
  const owner = await platform.person();
  const contributionId = await contributionOf(owner);
  const [submitter, witness, declined] = [
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
  ];
  const added = idOf(await submit(submitter, contributionId, reading()));
  const attested = idOf(await submit(owner, contributionId, naming(witness)));
  const unwanted = idOf(await submit(declined, contributionId, reading()));
  const refusals = {
    submitter: await vote(submitter, contributionId),
    witness: await vote(witness, contributionId),
    declined: await vote(declined, contributionId),
  };
  const shown = Object.values(refusals).map((answer) => [problem(answer), answer.json["detail"]]);
  const submitted = ["403 FORBIDDEN", "You submitted evidence to this contribution, so you cannot vote on it."];
  const named = ["403 FORBIDDEN", "You are named as a witness of this contribution, so you cannot vote on it."];
  expect(shown).toEqual([submitted, named, submitted]);

  await submitter.post(`/v1/evidence/${added}/withdraw`, {});
  await owner.post(`/v1/evidence/${attested}/withdraw`, {});
  await owner.post(`/v1/evidence/${unwanted}/consent`, { accept: false });
  for (const person of [submitter, declined]) expect((await vote(person, contributionId)).status).toBe(201);
  expect(problem(await submitter.post(`/v1/contributions/${contributionId}/evidence`, reading()))).toBe(
    "403 FORBIDDEN",
  );
});

test("a verifier may vote although they created the task, or were named as witness without the owner's consent", async () => {
  const [owner, stranger] = [await platform.person(), await platform.person()];
  const [verifier, creator] = [await platform.person(["verifier"]), await platform.person(["verifier"])];
  const task = `/v1/tasks/${idOf(await creator.post("/v1/tasks", taskInput()))}`;
  for (const step of ["claim", "start", "complete"])
    expect((await owner.post(`${task}/${step}`)).status, step).toBeLessThan(300);
  const [made] = await platform.sql`select id from contributions where user_id = ${owner.id}`;
  const contributionId = String(made?.["id"]);
  await submit(stranger, contributionId, naming(verifier));
  expect((await vote(verifier, contributionId)).status).toBe(201);
  expect((await vote(creator, contributionId)).status).toBe(201);
});

test("of a verifier's concurrent vote on a contribution and evidence for it exactly one is accepted", async () => {
  const owner = await platform.person();
  const verifier = await platform.person(["verifier"]);
  for (let round = 0; round < 8; round += 1) {
    const contributionId = await contributionOf(owner);
    const path = `/v1/contributions/${contributionId}/evidence`;
    const answers = await Promise.all([vote(verifier, contributionId), verifier.post(path, reading())]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403]);
  }
});

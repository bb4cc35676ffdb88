import { afterEach, expect, test } from "vitest";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { type Outgoing, Queue } from "@gotong/core/platform/queue/index.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put } from "../../harness/scenes.ts";

// The platform starts no workers, since each test examines the files in its own order.
const platform = usePlatform({ workers: false });
afterEach(async () => {
  Queue.use(undefined);
  await platform.sql`update evidence set created_at = '2020-01-01', updated_at = '2020-01-01'`;
});

const examineAsSystem = (id: string) => Actor.run({ type: "system", name: "test" }, Id.uuid(), () => examine(id));

async function submit(member: Person): Promise<string> {
  const path = `/v1/contributions/${await contributionOf(member)}`;
  const { bytes, timestamp, declared } = photograph();
  const ticket = await member.post(`${path}/uploads`, declared);
  expect((await put(ticket, bytes)).status).toBe(200);
  const piece = await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp, media_hash: declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect(piece.status).toBe(202);
  return String(piece.json["id"]);
}

/** Submits three files of one member, and then one file of another member. */
async function scene() {
  const [many, one] = [await platform.person(), await platform.person()];
  const [first, second, third] = [await submit(many), await submit(many), await submit(many)];
  return { first, second, third, other: await submit(one) };
}

/** Collects the messages of the queue `evidence` from now on. */
function kept(): Outgoing[] {
  const messages: Outgoing[] = [];
  const real = Queue.get();
  Queue.use({
    ...real,
    send: async (queue, message) => (queue === "evidence" ? void messages.push(message) : real.send(queue, message)),
  });
  return messages;
}

test("a member's next file waits for the file of a member with fewer examinations, and finally all files are examined", async () => {
  const { first, second, third, other } = await scene();
  const messages = kept();
  expect(await examineAsSystem(first)).toBe("accepted");
  expect([await examineAsSystem(second), await examineAsSystem(third)]).toEqual(["later", "later"]);
  expect(messages.map(({ body, delaySeconds }) => [JSON.parse(body).evidence_id, delaySeconds])).toEqual([
    [second, 2],
    [third, 2],
  ]);
  expect(await examineAsSystem(other)).toBe("accepted");
  expect([await examineAsSystem(second), await examineAsSystem(third)]).toEqual(["accepted", "accepted"]);
});

test("a file whose own examination has started before does not yield to other members' files", async () => {
  const { first, second } = await scene();
  expect(await examineAsSystem(first)).toBe("accepted");
  await platform.sql`update evidence set examinations = 1 where id = ${second}`;
  expect(await examineAsSystem(second)).toBe("accepted");
});

test.each([
  [
    "whose examination has begun",
    (ids: readonly string[]) => platform.sql`update evidence set examinations = 1 where id in ${platform.sql(ids)}`,
  ],
  [
    "that is hidden",
    (ids: readonly string[]) =>
      platform.sql`update evidence set hidden_at = now(), hidden_by = submitted_by, hidden_reason = 'x' where id in ${platform.sql(ids)}`,
  ],
  [
    "that has waited for five minutes, whose message may be lost",
    (ids: readonly string[]) =>
      platform.sql`update evidence set updated_at = now() - interval '301 seconds' where id in ${platform.sql(ids)}`,
  ],
])("a file does not yield to a file %s", async (_case, change) => {
  const { first, second, other } = await scene();
  expect(await examineAsSystem(first)).toBe("accepted");
  await change([other]);
  expect(await examineAsSystem(second)).toBe("accepted");
});

test("a file yields to other members' files for five minutes at most", async () => {
  const { first, second } = await scene();
  expect(await examineAsSystem(first)).toBe("accepted");
  await platform.sql`update evidence set created_at = now() - interval '301 seconds' where id = ${second}`;
  expect(await examineAsSystem(second)).toBe("accepted");
});

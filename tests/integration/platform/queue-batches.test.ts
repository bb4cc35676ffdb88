import { expect, test } from "vitest";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { drain } from "../../harness/queue.ts";

usePlatform({ workers: false });
const send = (id: string, group: string, characters = 20) =>
  Queue.get().send("deliveries", { body: JSON.stringify({ id, rest: "é".repeat(characters) }), fifo: { group, id } });
const received = async () => (await drain("deliveries")).map(({ body, group }) => [String(JSON.parse(body).id), group]);

test("messages that are sent at once arrive once each, in their groups", async () => {
  await drain("deliveries");
  const ids = Array.from({ length: 45 }, (_, index) => `message-${index}`);
  await Promise.all(ids.map((id, index) => send(id, `group-${index % 15}`)));
  const found = await received();
  expect(found.toSorted()).toEqual(ids.map((id, index) => [id, `group-${index % 15}`]).toSorted());
});

test("messages too large to share a call, and too large for a half of one, are sent beside small ones", async () => {
  await drain("deliveries");
  const sizes = [20, 100_000, 20, 100_000, 40_000, 40_000, 20, 20];
  await Promise.all(sizes.map((size, index) => send(`sized-${index}`, `sized-${index}`, size)));
  expect((await received()).map(([id]) => id).toSorted()).toEqual(sizes.map((_, index) => `sized-${index}`));
});

test("a message that the queue refuses fails alone", async () => {
  await drain("deliveries");
  const sent = await Promise.allSettled(
    ["a", "b", "c", "not a group !", "d"].map((group) =>
      send(`in ${group}`.replaceAll(" ", "-").replaceAll("!", ""), group),
    ),
  );
  expect(sent.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect((await received()).map(([, group]) => group).toSorted()).toEqual(["a", "b", "c", "d"]);
});

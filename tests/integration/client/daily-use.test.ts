import { expect, test } from "vitest";
import { createApp } from "@gotong/api/app.ts";
import { GotongClient } from "../../../packages/client/src/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });

/** Creates a client that counts its requests and the bytes that it loads. */
function counting() {
  const app = createApp();
  const used = { requests: 0, bytes: 0 };
  const env = { incoming: { socket: { remoteAddress: "127.0.0.1" } } };
  const client = new GotongClient({
    baseUrl: "http://localhost",
    fetch: async (url, init) => {
      const response = await app.request(new Request(url, init), undefined, env);
      used.requests += 1;
      used.bytes += (await response.clone().arrayBuffer()).byteLength;
      return response;
    },
  });
  return { client, used };
}

test("a typical day of a member takes at most 40 requests and 1 MB; a list of 20 tasks with members' names is one request", async () => {
  const people = [await platform.person(), await platform.person(), await platform.person()];
  const place = { lat: -6.9147, lon: 107.6098 };
  for (let n = 0; n < 30; n += 1) {
    const description = "Bawa cangkul, sarung tangan dan karung. ".repeat(20);
    const made = await people[n % 3]?.post("/v1/tasks", taskInput({ description, coordinates: place }));
    if (n % 3 === 0) await people[1]?.post(`/v1/tasks/${String(made?.json["id"])}/claim`);
  }
  const { client, used } = counting();
  const member = await platform.person();
  await client.login({ email: member.email, password: member.password });
  await client.call("getMe");

  // Morning: reads the lists. One response contains all that an app shows of a list.
  const before = used.requests;
  const open = await client.call("listTasks", { query: { status: "open,assigned", near: "-6.9147,107.6098" } });
  expect(used.requests - before).toBe(1);
  expect(open.data).toHaveLength(20);
  for (const task of open.data) {
    expect(task.creator.username).toMatch(/^u-/);
    if (task.assignee_id !== null) expect(task.assignee?.id).toBe(task.assignee_id);
  }
  await client.call("listTasks", { query: { q: "cangkul" } });
  const chosen = open.data.find(({ status }) => status === "open")?.id ?? "";
  await client.call("getTask", { path: { task_id: chosen } });

  // Work: claims, starts and completes a task, and submits two GPS readings as evidence.
  const path = { task_id: chosen };
  await client.call("claimTask", { path });
  await client.call("startTask", { path });
  const { id: contribution_id } = await client.call("completeTask", { path, body: {} });
  for (let n = 0; n < 2; n += 1)
    await client.call("submitEvidence", {
      path: { contribution_id },
      body: {
        evidence_type: "gps_verification",
        proof: { timestamp: new Date().toISOString(), location: place },
      },
    });

  // Later: reads the lists again, six times.
  for (let n = 0; n < 6; n += 1) {
    await client.call("listTasks", { query: { near: "-6.9147,107.6098", status: "open" } });
    await client.call("getContribution", { path: { contribution_id } });
    await client.call("listContributions", { query: { user: "me" } });
  }
  await client.call("listVouches", { query: { vouchee: "me" } });
  await client.call("getReputation", { path: { user_id: member.id } });
  process.stdout.write(`a day: ${used.requests} requests, ${Math.round(used.bytes / 1000)} KB\n`);
  expect(used.requests).toBeLessThanOrEqual(40);
  expect(used.bytes).toBeLessThanOrEqual(1_000_000);
});

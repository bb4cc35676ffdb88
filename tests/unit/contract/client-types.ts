// Code that the client's types must accept or reject. `npm run typecheck` checks it; it never runs.
import { GotongClient, type Task } from "../../../packages/client/src/index.ts";

const client = new GotongClient({ baseUrl: "https://api.example.org" });
const task_id = "0198c0de-0000-7000-8000-000000000001";

export async function allowed(): Promise<readonly (string | null)[]> {
  const created: Task = await client.call("createTask", { body: { title: "t", description: "", difficulty: "easy" } });
  await client.call("getMe");
  await client.call("claimTask", { path: { task_id: created.id } }, { idempotencyKey: "k" });
  await client.call("completeTask", { path: { task_id } });
  const page = await client.call("listTasks", { query: { limit: 10, status: "open" } });
  const titles: string[] = [];
  for await (const task of client.each("listTasks", {})) titles.push(task.title);
  const nothing: undefined = await client.call("logout", { body: { refresh_token: "t" } });
  const evidence = await client.uploadEvidence(task_id, new Blob([]));
  return [page.next_cursor, String(nothing), evidence.media_hash];
}

export async function refused(): Promise<void> {
  // @ts-expect-error there is no such operation
  await client.call("burnTask");
  // @ts-expect-error a body is needed
  await client.call("createTask");
  // @ts-expect-error a field is missing
  await client.call("createTask", { body: { title: "t", description: "" } });
  // @ts-expect-error a value that is not on the list
  await client.call("createTask", { body: { title: "t", description: "", difficulty: "impossible" } });
  // @ts-expect-error an unknown field
  await client.call("createTask", { body: { title: "t", description: "", difficulty: "easy", colour: "red" } });
  // @ts-expect-error a path parameter is missing
  await client.call("getTask", { path: {} });
  // @ts-expect-error an unknown filter
  await client.call("listTasks", { query: { colour: "red" } });
  // @ts-expect-error answers cannot be written to
  (await client.call("getMe")).username = "other";
  // @ts-expect-error not a list
  for await (const _ of client.each("getMe", {})) break;
  const proof = { timestamp: "t", media_hash: "h" };
  const path = { contribution_id: task_id };
  // @ts-expect-error evidence of one type accepts no proof of another
  await client.call("submitEvidence", { path, body: { evidence_type: "gps_verification", proof } });
}

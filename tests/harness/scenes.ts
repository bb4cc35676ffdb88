import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { demoPhoto } from "@gotong/local/photo.ts";
import type { Answer, Person } from "./platform.ts";

/** Creates a task that `person` claims, starts and completes. @returns the id of the contribution */
export async function contributionOf(person: Person, creator: Person = person): Promise<string> {
  const task = await creator.post("/v1/tasks", {
    title: "Clear the drain",
    description: "Before the rain.",
    difficulty: "easy",
  });
  const path = `/v1/tasks/${String(task.json["id"])}`;
  await person.post(`${path}/claim`);
  await person.post(`${path}/start`);
  const contribution = await person.post(`${path}/complete`);
  if (contribution.status !== 201)
    throw new Error(`complete answered ${contribution.status} ${JSON.stringify(contribution.json)}`);
  return String(contribution.json["id"]);
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Creates a unique photo with EXIF, taken at `takenAt`. */
export function photograph(takenAt = new Date()) {
  const bytes = new Uint8Array(demoPhoto(takenAt));
  return {
    bytes,
    timestamp: takenAt.toISOString(),
    declared: { file_name: "drain.jpg", content_type: "image/jpeg", size_bytes: bytes.length, sha256: sha256(bytes) },
  };
}

/** Uploads bytes to the presigned URL in a response, with the headers in that response unless others are given. */
export async function put(
  ticket: Answer,
  bytes: Uint8Array<ArrayBuffer>,
  headers?: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const own = Object.fromEntries(
    Object.entries(ticket.json["headers"] ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const response = await fetch(String(ticket.json["url"]), {
    method: "PUT",
    headers: { ...own, ...headers },
    body: bytes,
  });
  return { status: response.status, text: await response.text() };
}

/** Polls until `isDone` returns true, or for about a minute. @returns the last value */
export async function until<T>(ask: () => Promise<T> | T, isDone: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const value = await ask();
    if (isDone(value) || tries > 1000) return value;
    await sleep(50);
  }
}

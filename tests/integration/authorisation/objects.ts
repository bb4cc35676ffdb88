import { gpsReading, taskInput } from "../../harness/factories.ts";
import type { Answer } from "../../harness/platform.ts";
import { photograph, put } from "../../harness/scenes.ts";
import type { Cast } from "./cast.ts";

/**
 * Functions that create the objects for the requests of the authorisation matrix. Each returns the path of its object.
 */

export const id = (answer: Answer): string => String(answer.json["id"]);

/** A task of the owner on which the assignee has performed the given steps. */
export async function task({ owner, assignee }: Cast, ...steps: readonly string[]): Promise<string> {
  const made = await owner.post("/v1/tasks", taskInput());
  for (const step of steps) await assignee.post(`/v1/tasks/${id(made)}/${step}`);
  return `/v1/tasks/${id(made)}`;
}

export async function contribution({ owner }: Cast): Promise<string> {
  const made = await owner.post("/v1/contributions", { contribution_type: "custom", title: "Direct" });
  return `/v1/contributions/${id(made)}`;
}

/** The notification to the owner that the assignee has claimed the owner's task. */
export async function notification(cast: Cast): Promise<string> {
  await task(cast, "claim");
  const { json } = await cast.owner.get("/v1/notifications?limit=1");
  return `/v1/notifications/${String(json["data"]?.[0]?.["id"])}`;
}

export const gps = () => gpsReading();

export async function evidence(cast: Cast): Promise<string> {
  return `/v1/evidence/${id(await cast.owner.post(`${await contribution(cast)}/evidence`, gps()))}`;
}

/** A piece of evidence that names the assignee as a witness. */
export async function attested(cast: Cast): Promise<string> {
  const witnesses = [{ witness_name: "W", witness_id: cast.assignee.id }];
  const piece = { evidence_type: "witness_attestation", proof: { timestamp: new Date().toISOString(), witnesses } };
  return `/v1/evidence/${id(await cast.owner.post(`${await contribution(cast)}/evidence`, piece))}`;
}

/** A piece of evidence that the assignee adds to the owner's contribution. */
export async function added(cast: Cast): Promise<string> {
  return `/v1/evidence/${id(await cast.assignee.post(`${await contribution(cast)}/evidence`, gps()))}`;
}

/** An upload of the owner for which no bytes were sent. */
export async function uploadOfOwner(cast: Cast): Promise<string> {
  const ticket = await cast.owner.post(`${await contribution(cast)}/uploads`, photograph().declared);
  return `/v1/uploads/${String(ticket.json["upload_id"])}`;
}

export async function photographed(cast: Cast): Promise<string> {
  const path = await contribution(cast);
  const photo = photograph();
  const ticket = await cast.owner.post(`${path}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  const submitted = await cast.owner.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  return `/v1/evidence/${id(submitted)}`;
}

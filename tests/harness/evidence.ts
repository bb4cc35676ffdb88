import { expect } from "vitest";
import { gpsReading } from "./factories.ts";
import type { Answer, Person } from "./platform.ts";
import { photograph, put } from "./scenes.ts";

/** Location of the demo's photo. */
export const HOME = { lat: -6.9147, lon: 107.6098 };
export const LONDON = { lat: 51.5, lon: -0.13 };

/** The body of a GPS reading to be submitted. */
export const reading = (location: object = HOME, at = new Date(), evidence_data: object = {}) =>
  gpsReading({ timestamp: at.toISOString(), location, accuracy_meters: 5 }, evidence_data);

/** Submits a piece of evidence that must be accepted. @returns the response */
export async function submit(
  person: Person,
  contributionId: string,
  piece: { readonly proof: object } | undefined,
  at?: Date,
): Promise<Answer> {
  const body = at && piece ? { ...piece, proof: { ...piece.proof, timestamp: at.toISOString() } } : piece;
  const answer = await person.post(`/v1/contributions/${contributionId}/evidence`, body);
  expect(answer.status, JSON.stringify(answer.json)).toBeOneOf([201, 202]);
  return answer;
}

/** Uploads the same photo for each of the contributions. @returns the photo, and the submission for each contribution */
export async function samePhotoFor(person: Person, ...contributionIds: string[]) {
  const photo = photograph();
  const uploads: { evidence_type: string; proof: object; upload_id: string }[] = [];
  for (const contributionId of contributionIds) {
    const ticket = await person.post(`/v1/contributions/${contributionId}/uploads`, photo.declared);
    expect(ticket.status, JSON.stringify(ticket.json)).toBe(201);
    await put(ticket, photo.bytes);
    uploads.push({
      evidence_type: "photo_with_timestamp",
      proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
      upload_id: String(ticket.json["upload_id"]),
    });
  }
  return { photo, uploads };
}

/** Uploads a photo and submits it as evidence. @returns the id of the evidence */
export async function submitPhoto(person: Person, contributionId: string): Promise<string> {
  const { uploads } = await samePhotoFor(person, contributionId);
  return String((await submit(person, contributionId, uploads[0])).json["id"]);
}

export const vote = (verifier: Person, contributionId: string, outcome = "approved"): Promise<Answer> =>
  verifier.post(`/v1/contributions/${contributionId}/verifications`, { outcome });

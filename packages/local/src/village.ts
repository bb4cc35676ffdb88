import { createHash, randomInt } from "node:crypto";
import { Actor, type Member, type Role } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Task } from "@gotong/core/domain/task/index.ts";
import { Profile, User } from "@gotong/core/domain/user/index.ts";
import { Verification } from "@gotong/core/domain/verification/index.ts";
import { Vouch } from "@gotong/core/domain/vouch/index.ts";
import { villagePhoto } from "./village-photo.ts";
import { MEMBERS, REJECTION, STATEMENTS, VOUCHES, WORK } from "./village-texts.ts";

/** Centre of the village of Ciwidey; each task is within 2 km of it. */
const CENTRE = { lat: -7.0945, lon: 107.4602 };
const SPREAD = 0.02;
const TASKS = 60;

const submission = lazy(() => import("@gotong/core/domain/evidence/submit.ts"));
const uploading = lazy(() => import("@gotong/core/domain/evidence/upload.ts"));
const reporting = lazy(() => import("@gotong/core/domain/report/report.ts"));

const as = <T>(member: Member, work: () => Promise<T>): Promise<T> => Actor.run(member, Id.uuid(), work);
const pick = <T>(items: readonly T[], index: number): T => {
  const item = items[index % items.length];
  if (item === undefined) throw new Error("there is nothing to pick from");
  return item;
};
const near = ({ lat, lon }: typeof CENTRE, by: number) => ({
  lat: Math.round((lat + (Math.random() - 0.5) * by) * 1e6) / 1e6,
  lon: Math.round((lon + (Math.random() - 0.5) * by) * 1e6) / 1e6,
});

/**
 * Fills a new stack with a village: 40 members, 60 tasks in every state, evidence with pictures, a queue for the
 * verifiers, vouches, a report, and one event that Markov rejected. The platform serves requests meanwhile.
 * @param people the members with a login; the verifiers among them vote
 * @param isStopped stops the work between two steps
 */
export async function createVillage(
  people: readonly Member[],
  markovUrl: string,
  isStopped: () => boolean,
): Promise<void> {
  const villagers = await createMembers(isStopped);
  const verifiers = people.filter(({ roles }) => roles.includes("verifier"));
  const workers = [...people.filter(({ roles }) => roles.length === 1), ...villagers];
  if (workers.length < 2 || verifiers.length < 3) return;
  await createVouches(villagers, people);
  const judgements: (() => Promise<void>)[] = [];
  for (let index = 0; index < TASKS && !isStopped(); index += 1) {
    try {
      const judge = await createWork(index, workers, verifiers);
      if (judge) judgements.push(judge);
    } catch (error) {
      // An error, such as a deleted member or a task that was claimed meanwhile, must not stop the creation of the
      // village.
      Log.warn("a task of the demo could not be created", Log.describe(error));
    }
  }
  // The verifiers vote last, when most pictures have been examined: the deciding vote rejects pieces of evidence that
  // are still being examined.
  for (const judge of judgements) {
    if (isStopped()) return;
    await judge().catch((error: unknown) => Log.warn("a contribution of the demo is not judged", Log.describe(error)));
  }
  if (!isStopped()) await createFailure(pick(people, 0), pick(villagers, 10), markovUrl);
}

/** Creates members without a login: they share one unknown password, so that it is hashed only once. */
async function createMembers(isStopped: () => boolean): Promise<Member[]> {
  const [password, email] = [`${Id.event()} ${Id.event()}`, "village@demo.example"];
  const { passwordHash } = await User.prepare({ username: "village", email, password });
  const members: Member[] = [];
  for (const [username, display_name] of MEMBERS) {
    if (isStopped()) break;
    const user = await User.register({ username, email: `${username}@village.example`, passwordHash }, "proof");
    const member = { type: "member", userId: user.id, username, roles: ["contributor"] as Role[] } as const;
    await as(member, () => Profile.change({ display_name, location: "Ciwidey" }));
    members.push(member);
  }
  return members;
}

async function createVouches(villagers: readonly Member[], people: readonly Member[]): Promise<void> {
  const admin = people.find(({ roles }) => roles.includes("admin"));
  if (!admin) return;
  for (const [index, message] of VOUCHES.entries()) {
    const vouchee_id = pick(people, index + 1).userId;
    await as(admin, () => Vouch.create({ vouchee_id, weight_hint: "strong", message }));
    await as(admin, () => Vouch.create({ vouchee_id: pick(villagers, index).userId, weight_hint: "moderate" }));
  }
}

/**
 * Creates one task and takes it to a state that depends on its number: of twelve tasks five stay open, and the others
 * are cancelled, claimed, in progress, or done.
 * @returns a function that votes on the contribution of a completed task; undefined if the task is left to the
 * verifiers
 */
async function createWork(
  index: number,
  workers: readonly Member[],
  verifiers: readonly Member[],
): Promise<(() => Promise<void>) | undefined> {
  const [title, description, difficulty, location, estimated_hours] = pick(WORK, index);
  const creator = pick(workers, index);
  const worker = pick(workers, index + 1 + (index % 5));
  const coordinates = near(CENTRE, SPREAD);
  const about = { title, description, difficulty, location, coordinates, estimated_hours };
  const task = await as(creator, () => Task.create({ ...about, skill_ids: [], metadata: {} }));
  const stage = index % 12;
  if (index === 1) {
    const { Report } = await reporting();
    await as(worker, () => Report.create("task", task.id, { reason: "spam", details: title }));
  }
  if (stage < 5) return undefined;
  if (stage === 5) await as(creator, () => Task.cancel(task.id));
  else await as(worker, () => Task.claim(task.id));
  if (stage < 7) return undefined;
  await as(worker, () => Task.start(task.id));
  if (stage === 7) return undefined;
  const { id } = await as(worker, () => Task.complete(task.id, {}));
  await as(worker, () => prove(id, index, coordinates));
  if (stage < 10) return undefined; // the contribution stays in the verifiers' queue
  const vote = stage === 10 ? { outcome: "approved" as const } : { outcome: "rejected" as const, notes: REJECTION };
  return async () => {
    for (const verifier of verifiers.slice(0, 3)) await as(verifier, () => Verification.vote(id, vote));
  };
}

/** Submits a picture, a GPS reading and a witness; some readings are far away or inexact, for realism. */
async function prove(contributionId: string, index: number, place: typeof CENTRE): Promise<void> {
  const [{ submit }, { requestUpload }] = [await submission(), await uploading()];
  const takenAt = new Date(Date.now() - randomInt(60_000, 3_600_000));
  const bytes = await villagePhoto(index, takenAt, place);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = {
    file_name: `foto-${index}.jpg`,
    content_type: "image/jpeg" as const,
    size_bytes: bytes.length,
    sha256,
  };
  const upload = await requestUpload(contributionId, file);
  const stored = await fetch(upload.url, {
    method: upload.method,
    headers: upload.headers,
    body: new Uint8Array(bytes),
  });
  if (!stored.ok) throw new Error(`the storage answered ${stored.status}`);
  const timestamp = takenAt.toISOString();
  await submit(contributionId, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp, media_hash: sha256 },
    upload_id: upload.upload_id,
    evidence_data: {},
  });
  const isFar = index % 9 === 0;
  const location = isFar ? { lat: place.lat + 0.05, lon: place.lon } : near(place, 0.0004);
  const accuracy_meters = index % 4 === 0 ? 48 : 8;
  const reading = { timestamp, location, accuracy_meters };
  await submit(contributionId, { evidence_type: "gps_verification", proof: reading, evidence_data: {} });
  if (index % 2 === 0) return;
  const witness = { witness_name: pick(MEMBERS, index * 3)[1], statement: pick(STATEMENTS, index) };
  await submit(contributionId, {
    evidence_type: "witness_attestation",
    proof: { timestamp, witnesses: [{ ...witness, relationship: "beneficiary" }] },
    evidence_data: {},
  });
}

/** Creates an event that Markov's double rejects, for the operator's page of failures. */
async function createFailure(admin: Member, vouchee: Member, markovUrl: string): Promise<void> {
  const body = JSON.stringify({ count: 1, status: 422 });
  const answer = await fetch(`${markovUrl}/__double/faults`, { method: "POST", body }).catch(() => undefined);
  if (!answer?.ok) return; // MARKOV_API_URL is not the double: only the double rejects an event on request
  await as(admin, () => Vouch.create({ vouchee_id: vouchee.userId, weight_hint: "light", message: pick(VOUCHES, 1) }));
}

import { createHash } from "node:crypto";
import type { PGlite } from "@electric-sql/pglite";
import { Contribution } from "@gotong/core/domain/contribution/contribution.ts";
import { uploads } from "@gotong/core/domain/evidence/evidence.sql.ts";
import { useExaminer } from "@gotong/core/domain/evidence/examiner/run.ts";
import type { FileResult } from "@gotong/core/domain/evidence/examiner/result.ts";
import { likenessOf } from "@gotong/core/domain/evidence/picture-frequencies.ts";
import { submit } from "@gotong/core/domain/evidence/submit.ts";
import { voice } from "@gotong/core/domain/evidence/view.ts";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Event } from "@gotong/core/outbox/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import type { Worker } from "@gotong/workers/batch.ts";
import { evidence } from "@gotong/workers/evidence/process.ts";
import { Objects } from "./objects.ts";
import { WORKERS } from "./run.ts";
import { FAIR, MEMBER, World } from "./world.ts";

/**
 * Time between two submissions. It is longer than the twelve minutes after which the message of a killed examination is
 * received again.
 */
const INTERVAL_MS = 30 * 60_000;
const HELPER: Member = { ...MEMBER, userId: "00000000-0000-7000-8000-000000000002", username: "helper" };
const SIZE_BYTES = 60_000;

/** Kinds of files, with the result of the stand-in for the examiner. */
const KINDS = {
  photograph: { by: MEMBER, contentType: "image/jpeg" },
  "refused photograph": { by: MEMBER, contentType: "image/jpeg" },
  document: { by: MEMBER, contentType: "application/pdf" },
  "photograph of another member": { by: HELPER, contentType: "image/jpeg" },
} as const;
export type Kind = keyof typeof KINDS;
export const ALL_KINDS = ["photograph", "refused photograph", "document", "photograph of another member"] as const;

/** A kill of the worker at its operation number `step`, counted from 1 after the submission. */
export interface Kill {
  readonly step: number;
  readonly when: "before" | "after";
}

/** A file to submit, and the operations at which the worker that examines the file is killed. */
export interface Submission {
  readonly kind: Kind;
  readonly kills?: readonly Kill[];
  /**
   * Delay in seconds of each copy of the storage notification; an empty list for a lost notification. By default one
   * copy arrives at once.
   */
  readonly delays?: readonly number[];
}

/** The state of a piece of evidence at the end of the simulation, without its ids and times. */
interface Ending {
  readonly status: string;
  readonly refusal: string | null;
  readonly readings: unknown;
  readonly findings: unknown;
  readonly hasLikeness: boolean;
  readonly hasThumbnail: boolean;
  readonly tags: readonly string[];
  readonly isLocked: boolean;
  readonly notifications: readonly string[];
  /** Number of events about the evidence that were emitted, and that arrived at Markov. */
  readonly emitted: number;
  readonly arrived: number;
}

export interface Examined {
  /** The ending of each submission; undefined if it was not acknowledged. */
  readonly endings: readonly (Ending | undefined)[];
  /** Number of operations of the worker for each submission. */
  readonly steps: readonly number[];
  readonly kills: number;
  /** Number of messages of the queue, and of the dead-letter queue, at the end. */
  readonly left: number;
  /** Number of sweeps that ran. */
  readonly sweeps: number;
}

/**
 * Submits files one after another, each in a contribution of its own, and lets the platform examine them.
 * @param intervalMs time between two submissions; an operation of the worker counts for the submission in whose
 * interval it runs
 */
export async function examineAll(
  db: PGlite,
  submissions: readonly Submission[],
  intervalMs = INTERVAL_MS,
): Promise<Examined> {
  await World.prepare(db);
  await db.exec(`insert into users (id, username, email, password_hash)
    values ('${HELPER.userId}', 'helper', 'helper@example.org', 'x') on conflict do nothing`);
  await db.exec("truncate notifications");
  const over = submissions.length * intervalMs;
  let sweeps = 0;
  const counted = (worker: Worker): Worker =>
    worker.queue === "sweep" && "process" in worker
      ? {
          ...worker,
          process: (message) => {
            sweeps += 1;
            return worker.process(message);
          },
        }
      : worker;
  const world = new World(1, db, FAIR, [...WORKERS, evidence].map(counted));
  try {
    world.database.canSleep = false; // no auto-pause: resuming the database would be one more operation, and the numbers of operations would differ
    const objects = new Objects(world.scheduler);
    await objects.takeOver();
    await Actor.run(MEMBER, "", voice); // loads the lazy modules of a submission, whose loading would count as operations
    useExaminer(async (bytes, { contentType }) =>
      world.scheduler.op("examine", () => ({ result: resultOf(bytes, contentType), cpuSeconds: 0, peakMegabytes: 0 })),
    );
    const steps = submissions.map(() => 0);
    const kills = submissions.map((submission) => [...(submission.kills ?? [])]);
    const current = () => Math.floor(world.scheduler.now / intervalMs);
    const byChance = world.scheduler.isKilled;
    world.scheduler.isKilled = (process, when) => {
      if (process.name !== "evidence") return byChance(process, when);
      const number = current();
      if (when === "before") steps[number] = (steps[number] ?? 0) + 1;
      const [next] = kills[number] ?? [];
      if (next === undefined || next.step !== steps[number] || next.when !== when) return byChance(process, when);
      kills[number]?.shift();
      return true;
    };
    world.queues.delaysOf = deliveryOf(submissions);
    const contributionIds: string[] = [];
    for (const [number, { kind }] of submissions.entries())
      world.scheduler.after(number * intervalMs + 1, () =>
        world.inApi(async () => {
          contributionIds[number] = await submitOne(objects, kind, number);
          // PostgreSQL writes these times by the host's clock. The sweep compares them with the simulated time, so they
          // are replaced.
          const now = Clock.now().toISOString();
          await world.rows(
            `update evidence set created_at = '${now}', updated_at = '${now}' where contribution_id = '${contributionIds[number]}'`,
          );
        }),
      );
    await world.scheduler.run(over);
    world.calm();
    await world.scheduler.run(over + 6 * 60 * 60_000);
    const endings: (Ending | undefined)[] = [];
    for (const number of submissions.keys()) {
      const id = contributionIds[number];
      endings.push(id === undefined ? undefined : await endingOf(world, objects, id));
    }
    return {
      endings,
      steps,
      kills: world.scheduler.kills,
      sweeps,
      left: world.queues.bodies("evidence").length + world.queues.bodies("dead").length,
    };
  } finally {
    world.leave();
  }
}

/** The id of the request that submits a file: its notification contains it. */
const requestIdOf = (number: number) => `submission-${number}`;

/**
 * Delivers the storage notification of each submission with the delays of that submission. Every other message arrives
 * once: each sweep sends the next one, so that duplicated sweeps would multiply.
 */
function deliveryOf(submissions: readonly Submission[]): World["queues"]["delaysOf"] {
  return (queue, body, sender) => {
    if (queue !== "evidence" || sender !== "api") return [0];
    const number = submissions.findIndex((_, at) => body.includes(`"${requestIdOf(at)}"`));
    return submissions[number]?.delays ?? [0];
  };
}

/** Creates a contribution, uploads a file for it, and submits the file. @returns the id of the contribution */
async function submitOne(objects: Objects, kind: Kind, number: number): Promise<string> {
  const { by, contentType } = KINDS[kind];
  const { id } = await Actor.run(MEMBER, Id.uuid(), () =>
    Contribution.create({ contribution_type: "custom", title: kind, description: "", skill_ids: [], metadata: {} }),
  );
  const bytes = new Uint8Array(SIZE_BYTES);
  bytes.set(Buffer.from(`${kind}|${number}|`));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const upload = {
    id: Id.uuid(),
    contributionId: id,
    userId: by.userId,
    objectKey: `evidence/${id}`,
    fileName: "a",
    contentType,
    sizeBytes: SIZE_BYTES,
    sha256,
    createdAt: Clock.now(),
    expiresAt: new Date(Clock.now().getTime() + INTERVAL_MS),
  };
  objects.put(upload.objectKey, contentType, bytes);
  await Db.use().insert(uploads).values(upload);
  await Actor.run(by, requestIdOf(number), () =>
    submit(id, {
      evidence_type: "photo_with_timestamp",
      proof: { timestamp: Clock.now().toISOString(), media_hash: sha256 },
      upload_id: upload.id,
      evidence_data: {},
    }),
  );
  return id;
}

/** The stand-in for decoding. Each picture looks different, so that no two are near-duplicates. */
function resultOf(bytes: Uint8Array, contentType: string): FileResult {
  const [kind = ""] = Buffer.from(bytes.subarray(0, 100)).toString().split("|");
  if (kind === "refused photograph") return { ok: false, code: "UNDECODABLE", detail: "The file is damaged." };
  if (contentType === "application/pdf")
    return { ok: true, exif: { pages: 3 }, thumbnail: undefined, likeness: undefined };
  const noise = createHash("shake256", { outputLength: 64 * 64 })
    .update(bytes)
    .digest();
  return {
    ok: true,
    exif: { camera: "a phone", place: { lat: -6.9, lon: 107.6 } },
    thumbnail: Buffer.from("thumbnail"),
    likeness: likenessOf({ data: noise, width: 64, height: 64 }),
  };
}

async function endingOf(world: World, objects: Objects, contributionId: string): Promise<Ending> {
  const [row] = await world.rows(
    `select id, status, refusal_code, exif, findings, picture_hash, picture_tokens from evidence where contribution_id = '${contributionId}'`,
  );
  if (!row) throw new Error("a piece of evidence was acknowledged and lost");
  const subject = Event.contributionSubject(contributionId);
  const emitted = await world.rows(
    `select id from webhook_events where subject = '${subject}' and event_type = 'por_evidence'`,
  );
  const ids = new Set(emitted.map(({ id }) => id));
  const notified = await world.rows(`select kind from notifications where evidence_id = '${String(row["id"])}'`);
  const file = objects.files.get(`evidence/${contributionId}`);
  return {
    status: String(row["status"]),
    refusal: typeof row["refusal_code"] === "string" ? row["refusal_code"] : null,
    readings: row["exif"],
    findings: row["findings"],
    hasLikeness: row["picture_hash"] !== null && row["picture_tokens"] !== null,
    hasThumbnail: objects.files.has(Storage.thumbnailKey(String(row["id"]))),
    tags: file?.tags ?? [],
    isLocked: file?.isLocked ?? false,
    notifications: notified.map(({ kind }) => String(kind)),
    emitted: emitted.length,
    arrived: world.network.arrivals.filter(({ eventId }) => ids.has(eventId)).length,
  };
}

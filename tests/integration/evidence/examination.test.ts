import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { EvidenceQueue } from "@gotong/core/domain/evidence/index.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { gpsReading } from "../../harness/factories.ts";
import { pdf } from "../../harness/files.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put, sha256 } from "../../harness/scenes.ts";

// The platform starts no workers, since each test itself examines the uploaded files.
const platform = usePlatform({ workers: false });
afterEach(() => Queue.use(undefined));

const examineAsSystem = (id: string) => Actor.run({ type: "system", name: "test" }, Id.uuid(), () => examine(id));

interface File {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly declared: ReturnType<typeof photograph>["declared"];
}

/**
 * Uploads a file to a contribution and submits it as evidence.
 * @returns its id
 */
async function submit(member: Person, contributionId: string, { bytes, declared }: File): Promise<string> {
  const path = `/v1/contributions/${contributionId}`;
  const ticket = await member.post(`${path}/uploads`, declared);
  expect([ticket.status, (await put(ticket, bytes)).status]).toEqual([201, 200]);
  const submitted = await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: new Date().toISOString(), media_hash: declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  return String(submitted.json["id"]);
}

/** Builds a picture that takes about a second to decode. */
async function slowPicture(): Promise<File> {
  const create = { width: 8660, height: 5770, channels: 3 as const, background: "#357" };
  const bytes = new Uint8Array(
    await sharp({ create }).toColourspace("rgb16").png({ compressionLevel: 1, progressive: true }).toBuffer(),
  );
  const declared = {
    content_type: "image/png",
    sha256: sha256(bytes),
    size_bytes: bytes.length,
    file_name: "slow.png",
  };
  return { bytes, declared };
}

/**
 * Kills an examiner process of this test in the middle of an examination: above 200 MB it decodes the picture, since the
 * program and its modules take 110 MB.
 */
async function killExaminer(): Promise<void> {
  const megabytes = (pid: string) => {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  };
  for (;;) {
    const threads = readdirSync(`/proc/${process.pid}/task`);
    const lists = threads.map((thread) => readFileSync(`/proc/${process.pid}/task/${thread}/children`, "latin1"));
    for (const pid of lists.join(" ").split(" ").filter(Boolean)) {
      const isExaminer = readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("evidence/examiner/program.ts");
      if (isExaminer && megabytes(pid) > 200) return void process.kill(Number(pid), "SIGKILL");
    }
    await sleep(10);
  }
}

function document(): File {
  const file = new Uint8Array(pdf());
  return {
    bytes: file,
    declared: {
      content_type: "application/pdf",
      sha256: sha256(file),
      size_bytes: file.length,
      file_name: "receipt.pdf",
    },
  };
}

test("a document is accepted as evidence without a thumbnail, and a second examination changes nothing", async () => {
  const member = await platform.person();
  const id = await submit(member, await contributionOf(member), document());
  expect(await examineAsSystem(id)).toBe("accepted");
  expect(await examineAsSystem(id)).toBe("unchanged");
  expect(await examineAsSystem(Id.uuid())).toBe("unchanged");
  const events =
    await platform.sql`select id from webhook_events where event_type = 'por_evidence' and body like ${`%${id}%`}`;
  const shown = await member.get(`/v1/evidence/${id}`);
  expect([shown.json["status"], events.length <= 1]).toEqual(["accepted", true]);
});

test("if two members submit the same file, only one piece of evidence is accepted, even if both are examined concurrently", async () => {
  const [one, other] = [await platform.person(), await platform.person()];
  const photo = photograph();
  const ids = await Promise.all([
    submit(one, await contributionOf(one), photo),
    submit(other, await contributionOf(other), photo),
  ]);
  const results = await Promise.all(ids.map(examineAsSystem));
  expect(results.toSorted()).toEqual(["accepted", "refused"]);
  const rows = await platform.sql`select status, refusal_code from evidence where id in ${platform.sql(ids)}`;
  expect(new Set(rows.map((row) => row["refusal_code"]))).toEqual(new Set(["DUPLICATE_FILE", null]));
});

test("when a picture and a GPS reading far from it are examined concurrently, at least one of them gets a finding", async () => {
  for (let round = 0; round < 8; round += 1) {
    const member = await platform.person();
    const contributionId = await contributionOf(member);
    const id = await submit(member, contributionId, photograph());
    const [read] = await Promise.all([
      member.post(`/v1/contributions/${contributionId}/evidence`, gpsReading({ location: { lat: 51.5, lon: -0.13 } })),
      examineAsSystem(id),
    ]);
    const seen = await member.get(`/v1/evidence/${id}`);
    expect(JSON.stringify([read.json, seen.json]), `round ${round}`).toContain("exif_place");
  }
});

test("a piece of evidence examined twice concurrently is accepted once, with one event", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const id = await submit(member, contributionId, photograph());
  const results = await Promise.all([examineAsSystem(id), examineAsSystem(id), examineAsSystem(id)]);
  expect(results.toSorted()).toEqual(["accepted", "unchanged", "unchanged"]);
  const events =
    await platform.sql`select id from webhook_events where event_type = 'por_evidence' and subject = ${`contribution:${contributionId}`}`;
  expect(events).toHaveLength(1);
});

test("a file that crashes its examiner twice is refused with a reason, and the sweep does not enqueue it again", async () => {
  const member = await platform.person();
  const id = await submit(member, await contributionOf(member), await slowPicture());
  const [first] = await Promise.all([examineAsSystem(id), killExaminer()]);
  expect(first).toBe("again");
  const [second] = await Promise.all([examineAsSystem(id), killExaminer()]);
  expect(second).toBe("refused");
  const shown = await member.get(`/v1/evidence/${id}`);
  expect(shown.json["refusal"]).toMatchObject({ code: "EXAMINATION_FAILED" });
  expect(await EvidenceQueue.enqueueOverdue(0)).toMatchObject({ sent: 0 });
});

test("a file whose examination was started five times without a result is refused unread", async () => {
  const member = await platform.person();
  const id = await submit(member, await contributionOf(member), photograph());
  await platform.sql`update evidence set examinations = 5 where id = ${id}`;
  expect(await examineAsSystem(id)).toBe("refused");
  const shown = await member.get(`/v1/evidence/${id}`);
  expect(shown.json["refusal"]).toMatchObject({ code: "EXAMINATION_FAILED" });
});

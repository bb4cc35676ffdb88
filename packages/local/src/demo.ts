import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { DemoClient, type Reply, putBytes, sha256, toRecord } from "./demo-client.ts";
import { Logins } from "./demo-data.ts";
import { ensureStack } from "./demo-stack.ts";
import { LOCAL_DIR, ROOT } from "./paths.ts";
import { demoPhoto } from "./photo.ts";

// Reads the settings of `npm run dev`, which contain the ports of the stack. Environment variables take precedence.
if (existsSync(join(ROOT, ".env"))) process.loadEnvFile(join(ROOT, ".env"));
const api = `http://127.0.0.1:${process.env["PORT"] || 3000}`;
const markov = process.env["MARKOV_API_URL"] || `http://127.0.0.1:${process.env["MARKOV_PORT"] || 3001}`;
const loginsFile = join(LOCAL_DIR, "demo-logins.json");
const POLL_MS = 100;
const TIMEOUT_MS = 15_000;
const PLACE = { lat: -6.9147, lon: 107.6098 };

const startedAt = performance.now();
let steps = 0;

/** Prints one step. @throws Error for an unexpected status, which stops the demo */
function step(
  what: string,
  reply: { readonly status: number; readonly json?: unknown; readonly text?: string },
  expected: number,
  shows = "",
): void {
  steps += 1;
  const at = `${((performance.now() - startedAt) / 1000).toFixed(2)} s`.padStart(8);
  process.stdout.write(`${at}  ${String(steps).padStart(2)}. ${what.padEnd(52)} ${reply.status}  ${shows}\n`);
  if (reply.status !== expected)
    throw new Error(`${what}: expected ${expected}, got ${reply.status}: ${JSON.stringify(reply.json ?? reply.text)}`);
}

function expect(what: string, actual: unknown, wanted: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(wanted))
    throw new Error(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(actual)}`);
}

/** Polls until `isDone` returns true, or until the timeout. @returns the last reply */
async function until(ask: () => Promise<Reply>, isDone: (json: Reply["json"]) => boolean): Promise<Reply> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const reply = await ask();
    if (isDone(reply.json) || performance.now() > deadline) return reply;
    await sleep(POLL_MS);
  }
}

async function walk(): Promise<void> {
  const stranger = new DemoClient(api);
  const logins = v.parse(Logins, JSON.parse(readFileSync(loginsFile, "utf8")));
  const signIn = async (email: string, password: string) => {
    const reply = await stranger.post("/v1/auth/login", { email, password });
    step(`log in as ${email}`, reply, 200, "access and refresh token");
    return stranger.as(String(reply.json["access_token"]));
  };
  const [creator] = logins.filter((login) => login.roles.length === 1);
  const verifiers = logins.filter((login) => login.roles.includes("verifier")).slice(0, 3);
  if (!creator || verifiers.length < 3) throw new Error(`${loginsFile} lacks a contributor or three verifiers`);

  const name = `demo-${randomBytes(4).toString("hex")}`;
  const password = `three neighbours walk slowly home over the bridge ${randomBytes(8).toString("hex")}`;
  const email = `member-${randomBytes(4).toString("hex")}@demo.example`;
  const registered = await stranger.post("/v1/auth/register", { username: name, email, password });
  step("register", registered, 201, name);
  const userId = String(toRecord(registered.json["user"])["id"]);
  const member = await signIn(email, password);
  const neighbour = await signIn(creator.email, creator.password);

  const task = await neighbour.post("/v1/tasks", {
    title: "Clear the drain",
    description: "Before the rain comes.",
    difficulty: "easy",
    location: "Bandung",
    estimated_hours: 2,
  });
  step("the neighbour creates a task", task, 201, String(task.json["id"]));
  const taskPath = `/v1/tasks/${String(task.json["id"])}`;
  for (const [verb, state] of [
    ["claim", "assigned"],
    ["start", "in_progress"],
  ] as const) {
    const reply = await member.post(`${taskPath}/${verb}`);
    step(verb, reply, 200, `status ${String(reply.json["status"])}`);
    expect(verb, reply.json["status"], state);
  }
  const contribution = await member.post(`${taskPath}/complete`);
  step("complete, which creates a contribution", contribution, 201, String(contribution.json["id"]));
  const contributionId = String(contribution.json["id"]);
  const path = `/v1/contributions/${contributionId}`;

  const now = new Date();
  const photo = new Uint8Array(demoPhoto(now));
  const declared = {
    file_name: "drain.jpg",
    content_type: "image/jpeg",
    size_bytes: photo.length,
    sha256: sha256(photo),
  };
  const ticket = await member.post(`${path}/uploads`, declared);
  step("request an upload", ticket, 201, `until ${String(ticket.json["expires_at"])}`);
  step("PUT the photograph to the presigned URL", await putBytes(ticket.json, photo), 200, `${photo.length} bytes`);
  step("PUT it again: the URL does not overwrite", await putBytes(ticket.json, photo), 412, "PreconditionFailed");

  const timestamp = now.toISOString();
  const submitted = await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp, media_hash: declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  step("submit photo_with_timestamp", submitted, 202, `status ${String(submitted.json["status"])}`);
  const gps = await member.post(`${path}/evidence`, {
    evidence_type: "gps_verification",
    proof: { timestamp, location: PLACE, accuracy_meters: 6 },
  });
  step("submit gps_verification", gps, 201, `status ${String(gps.json["status"])}`);
  const witness = { witness_name: "Ibu Sari", relationship: "beneficiary", statement: "The water runs again." };
  const attested = await member.post(`${path}/evidence`, {
    evidence_type: "witness_attestation",
    proof: { timestamp, witnesses: [witness] },
  });
  step("submit witness_attestation", attested, 201, `status ${String(attested.json["status"])}`);
  const evidencePath = `/v1/evidence/${String(submitted.json["id"])}`;
  const examined = await until(
    () => member.get(evidencePath),
    (json) => json["status"] !== "examining",
  );
  step(
    "the worker examines the photograph",
    examined,
    200,
    `status ${String(examined.json["status"])}, findings ${JSON.stringify(toRecord(examined.json["details"])["findings"])}`,
  );
  expect("evidence", examined.json["status"], "accepted");

  for (const verifier of verifiers) {
    const vote = await (
      await signIn(verifier.email, verifier.password)
    ).post(`${path}/verifications`, { outcome: "approved" });
    step(`${verifier.email} approves`, vote, 201, `contribution ${String(vote.json["verification_status"])}`);
  }
  const verified = await member.get(path);
  step(
    "the contribution",
    verified,
    200,
    `${String(verified.json["verification_status"])}, quality ${String(verified.json["quality_score"])}, ×${String(verified.json["reputation_multiplier"])}`,
  );
  expect("verification_status", verified.json["verification_status"], "verified");

  await checkDelivery(contributionId);
  const reputation = await member.get(`/v1/users/${userId}/reputation`);
  const score = toRecord(reputation.json["reputation"]);
  step(
    "the reputation computed by Markov",
    reputation,
    200,
    `${String(score["reputation_score"])}, ${String(score["tier"])}`,
  );
  expect("reputation_score", score["reputation_score"], 37.5); // (10 + 3 × 5) × 1.5, see the double's ledger
}

/** Checks the events that Markov received: one `contribution_created` and three `por_evidence`, in commit order. */
async function checkDelivery(contributionId: string): Promise<void> {
  const ask = () => new DemoClient(markov).get(`/__double/events?contribution_id=${contributionId}`);
  const listOf = (json: Reply["json"]) => (Array.isArray(json["data"]) ? json["data"].map(toRecord) : []);
  const events = await until(ask, (json) => listOf(json).length >= 4);
  const received = listOf(events.json);
  const types = received.map((event) => String(toRecord(JSON.parse(String(event["body"])))["event_type"]));
  step("Markov has received the signed events in order", events, 200, types.join(", "));
  expect("event types", types, ["contribution_created", "por_evidence", "por_evidence", "por_evidence"]);
  expect(
    "sequence",
    received.map((event) => event["sequence"]),
    [1, 2, 3, 4],
  );
}

let stop = async () => undefined as void;
try {
  stop = await ensureStack(api);
  await walk();
  process.stdout.write(`\nAll ${steps} steps succeeded in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
} catch (error) {
  process.stderr.write(`\nThe demo failed. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stop();
}

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { GROUPS } from "@gotong/api/routes/index.ts";
import { DeadLetters } from "@gotong/core/webhook/index.ts";
import { type Incoming, Queue, type QueueName } from "@gotong/core/platform/queue/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put } from "../../harness/scenes.ts";
import { type Bundle, bundle, weigh } from "./bundle.ts";
import { BatchAnswer, HttpAnswer, invoke, queueEvent, urlEvent } from "./invoke.ts";
import { freshPassword } from "../../harness/factories.ts";

const KB = 1024;
/** Limits of the bytes that a function may load before its first event, just above the current sizes. */
const LIMITS = [
  ["api", 105 * KB],
  ["deliveries", 55 * KB],
  ["breaker", 57 * KB],
  ["outcomes", 145 * KB],
  ["evidence", 195 * KB],
  ["sweep", 185 * KB],
  ["mail", 50 * KB],
] as const;
/** Functions of operators and deployments, whose cold starts have no limit. */
const UNLIMITED = [["lambda"], ["migrate-lambda"], ["guest-database-lambda"]] as const;
type Name = (typeof LIMITS | typeof UNLIMITED)[number][0];

const platform = usePlatform({ workers: false });
const bundles = new Map<Name, Bundle>();

function entryOf(name: Name): string {
  if (name === "api") return "packages/api/src/lambda.ts";
  return name.endsWith("lambda") ? `packages/ops/src/${name}.ts` : `packages/workers/src/${name}/lambda.ts`;
}

async function bundled(name: Name): Promise<Bundle> {
  const made = bundles.get(name) ?? (await bundle(entryOf(name)));
  bundles.set(name, made);
  return made;
}

afterAll(() => {
  for (const made of bundles.values()) made.remove();
});

test.for(LIMITS)("the function %s loads at most %i bytes before its first event", async ([name, limit]) => {
  const { eagerBytes, eagerFiles, totalBytes, eagerPackages } = await bundled(name);
  const kb = (bytes: number) => `${(bytes / KB).toFixed(1).padStart(7)} KB`;
  process.stdout.write(
    `${name.padEnd(11)} total ${kb(totalBytes)}   eager ${kb(eagerBytes)} in ${eagerFiles} files   limit ${kb(limit)}\n`,
  );
  const parts = eagerPackages.map(([part, bytes]) => `${kb(bytes)} ${part}`).join("\n");
  expect(eagerBytes, `loaded eagerly:\n${parts}`).toBeLessThanOrEqual(limit);
});

test("the API function loads at most 309 KB in 18 files with any one group of routes, without service clients", async () => {
  const { with: loaded } = await bundled("api");
  const groups = Object.entries(loaded).filter(([file]) => file.startsWith("packages/api/src/routes/"));
  for (const [file, { bytes, files }] of groups)
    process.stdout.write(`${(bytes / KB).toFixed(1).padStart(7)} KB in ${files} files with ${file}\n`);
  expect(groups.length).toBeGreaterThan(Object.keys(GROUPS).length - 2);
  expect(groups.filter(([, { bytes, files }]) => bytes > 309 * KB || files > 18)).toEqual([]);
});

test("eager bytes include the entry chunk and its static imports at any depth, but no lazy import", () => {
  const chunk = (fileName: string, bytes: number, imports: string[], source: string) => ({
    fileName,
    isEntry: fileName === "bundle.mjs",
    code: " ".repeat(bytes),
    imports,
    dynamicImports: [],
    modules: { [join(import.meta.dirname, "..", "..", "..", source)]: { renderedLength: bytes } },
  });
  const chunks = [
    chunk("bundle.mjs", 1, ["a.mjs", "node:zlib"], "lambda.ts"),
    chunk("a.mjs", 10, ["b.mjs"], "a.ts"),
    chunk("b.mjs", 100, ["a.mjs"], "b.ts"),
    chunk("lazy.mjs", 1000, ["b.mjs"], "lazy.ts"),
  ];
  expect(weigh(chunks)).toMatchObject({
    eagerBytes: 111,
    eagerFiles: 3,
    totalBytes: 1111,
    with: { "lambda.ts": { bytes: 111, files: 3 }, "lazy.ts": { bytes: 1111, files: 4 } },
  });
});

test.for(LIMITS)(
  "chunks of the function %s load in any order: each loads, and none imports itself through others",
  async ([name]) => {
    const { file, chunks } = await bundled(name);
    const files = chunks.map(({ fileName }) => pathToFileURL(join(dirname(file), fileName)).href);
    const program = `
    const failed = [];
    for (const file of ${JSON.stringify(files)}) await import(file).catch((error) => failed.push([file, String(error)]));
    console.log(JSON.stringify(failed));
    process.exit(0);`;
    const env = { AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: "test", ...platform.variables };
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { env });
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toEqual([]);

    const imports = new Map(chunks.map((chunk) => [chunk.fileName, chunk.imports]));
    const isBelow = (target: string, from: readonly string[], seen: Set<string>): boolean =>
      from.some((next) => {
        if (next === target) return true;
        return !seen.has(next) && isBelow(target, imports.get(next) ?? [], seen.add(next));
      });
    expect(chunks.filter((one) => isBelow(one.fileName, one.imports, new Set())).map((one) => one.fileName)).toEqual(
      [],
    );
  },
);

test.for([...LIMITS, ...UNLIMITED])(
  "the function %s imports only its chunks, Node's modules and sharp",
  async ([name]) => {
    const { chunks } = await bundled(name);
    const known = new Set(chunks.map(({ fileName }) => fileName));
    const others = chunks
      .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
      .filter((id) => !known.has(id));
    expect(others.filter((id) => !isBuiltin(id) && id !== "sharp")).toEqual([]);
  },
);

test.for([...LIMITS, ...UNLIMITED])(
  "each chunk of the function %s with code of ours has a source map",
  async ([name]) => {
    const { file, chunks } = await bundled(name);
    const ours = chunks.filter(({ modules }) =>
      Object.entries(modules).some(
        ([id, { renderedLength }]) => /^(?!.*node_modules).*packages/.test(id) && renderedLength > 0,
      ),
    );
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter(({ fileName }) => !existsSync(join(dirname(file), `${fileName}.map`)))).toEqual([]);
  },
);

test("the API's bundle answers function URL requests with a plain body, with a Base64 body and without a body", async () => {
  const account = () => {
    const tag = randomBytes(6).toString("hex");
    return { username: `u-${tag}`, email: `m.${tag}@example.org`, password: freshPassword() };
  };
  const [plain, encoded] = [account(), account()];
  const events = [
    urlEvent("GET", "/live"),
    urlEvent("POST", "/v1/auth/register", { text: JSON.stringify(plain), base64: false }),
    urlEvent("POST", "/v1/auth/register", { text: JSON.stringify(encoded), base64: true }),
    urlEvent("POST", "/v1/auth/register", { text: '{"unknown":1}', base64: true }),
    urlEvent("GET", "/v1/me"),
  ];
  const { file } = await bundled("api");
  const answers = await invoke(HttpAnswer, file, platform.variables, events);
  expect(answers.map((answer) => answer.statusCode)).toEqual([200, 201, 201, 400, 401]);
  expect(answers.map((answer) => answer.isBase64Encoded)).not.toContain(true);
  const [live, first, second] = answers.map((answer): unknown => JSON.parse(answer.body));
  expect(live).toEqual({ status: "live" });
  expect([first, second]).toMatchObject([
    { user: { username: plain.username } },
    { user: { username: encoded.username } },
  ]);
});

test("the API's bundle answers a first request without loading undici, with which Node implements Request and Response", async () => {
  const { file } = await bundled("api");
  const events = JSON.stringify(["/live", "/v1/tasks", "/v1/tasks?limit=2"].map((path) => urlEvent("GET", path)));
  const program = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
    const statuses = [];
    for (const event of ${events}) statuses.push((await handler(event)).statusCode);
    console.log(JSON.stringify([statuses, process.moduleLoadList.filter((name) => name.includes("undici"))]));
    process.exit(0);`;
  const env = { AWS_REGION: "us-east-1", AWS_LAMBDA_FUNCTION_NAME: "test", ...platform.variables };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { env });
  expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toEqual([[200, 401, 401], []]);
});

test("the API's bundle compresses a large response if the client accepts it, since Lambda returns 6 MB at most", async () => {
  const { file } = await bundled("api");
  const ask = (coding: string) => urlEvent("GET", "/openapi.json", undefined, { "accept-encoding": coding });
  const answers = await invoke(HttpAnswer, file, platform.variables, [ask("gzip"), ask("identity")]);
  const [packed, plain] = answers;
  expect([packed?.isBase64Encoded, packed?.headers["content-encoding"]]).toEqual([true, "gzip"]);
  expect([plain?.isBase64Encoded, plain?.headers["content-encoding"]]).toEqual([false, undefined]);
  for (const answer of answers) expect(answer.headers["vary"]).toMatch(/accept-encoding/i);
  expect(gunzipSync(Buffer.from(packed?.body ?? "", "base64")).toString()).toBe(plain?.body);
  expect(packed?.body.length).toBeLessThan((plain?.body.length ?? 0) / 5);
});

test("the workers' bundles process an event from a lost examination to a recorded delivery, and dead-letter unprocessable messages", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const evidenceId = await submitPhoto(member, contributionId);

  await take("evidence", 1); // drops the message, so that only the sweep can find the file
  await platform.sql`update evidence set updated_at = now() - interval '1 hour' where id = ${evidenceId}`;
  await run("sweep", [broken, { messageId: "m-2", body: JSON.stringify({ armed_at: new Date().toISOString() }) }]);

  await run("evidence", [broken, ...(await take("evidence", 1))]);
  const [row] = await platform.sql`select status from evidence where id = ${evidenceId}`;
  expect(row).toEqual({ status: "accepted" });

  const sent = await take("deliveries", 2);
  const [head] = sent;
  platform.markov.misbehave({ count: 1, status: 503 });
  const [refused] = await invoke(BatchAnswer, (await bundled("deliveries")).file, platform.variables, [
    queueEvent("deliveries", sent),
  ]);
  expect(refused?.batchItemFailures.map((failure) => failure.itemIdentifier)).toEqual(sent.map((m) => m.messageId));
  expect(head?.group).toBeDefined();
  await run("deliveries", [...sent, { ...broken, group: "another" }]);
  expect(platform.markov.ledger.about(contributionId).map((event) => event.sequence)).toEqual([1, 2]);

  await run("outcomes", [broken, ...(await take("outcomes", 2))]);
  const events = await platform.sql`select status, attempts from webhook_events order by sequence`;
  expect([...events]).toEqual([
    { status: "delivered", attempts: 2 },
    { status: "delivered", attempts: 1 },
  ]);
});

const broken = { messageId: "m-broken", body: '{"not":"understood"}' };

/**
 * Passes a batch with an unprocessable message to the bundle, and asserts that no message is returned: the unprocessable
 * one is dead-lettered.
 */
async function run(name: Exclude<Name & QueueName, "mail">, messages: Parameters<typeof queueEvent>[1]): Promise<void> {
  const { file } = await bundled(name);
  const [answer] = await invoke(BatchAnswer, file, platform.variables, [queueEvent(name, messages)]);
  expect(answer, name).toEqual({ batchItemFailures: [] });
  await DeadLetters.collect(); // the sweep collects dead letters itself
  const letters = await platform.sql`select body from webhook_failures where queue = ${name}`;
  expect(
    letters.map((letter) => letter["body"]),
    name,
  ).toEqual([broken.body]);
}

/** Removes messages from a queue, as its trigger does. */
async function take(queue: QueueName, count: number): Promise<Incoming[]> {
  const taken: Incoming[] = [];
  for (let tries = 0; taken.length < count && tries < 10; tries += 1) {
    const received = await Queue.get().receive(queue, 1);
    for (const message of received) await Queue.get().remove(queue, message);
    taken.push(...received);
  }
  expect(taken, queue).toHaveLength(count);
  return taken;
}

async function submitPhoto(member: Awaited<ReturnType<typeof platform.person>>, contributionId: string) {
  const photo = photograph();
  const path = `/v1/contributions/${contributionId}`;
  const ticket = await member.post(`${path}/uploads`, photo.declared);
  expect((await put(ticket, photo.bytes)).status).toBe(200);
  const submitted = await member.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  return String(submitted.json["id"]);
}

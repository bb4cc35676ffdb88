import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { IMAGES, type ImageName, buildImage, programOf } from "../../../scripts/build-image.ts";
import { emptyDatabase } from "../../harness/database.ts";
import { usePlatform } from "../../harness/platform.ts";
import { OwnRedis, hasRedis } from "../../harness/redis.ts";
import { contributionOf, photograph, put, until } from "../../harness/scenes.ts";
import { start } from "./process.ts";

const MB = 1024 * 1024;
/** Upper limits of each image's bytes without Node itself, just above the current sizes. */
const LIMITS: Readonly<Record<ImageName, number>> = {
  api: 4 * MB,
  worker: 25 * MB,
  gotong: 4.25 * MB, // 1.1 MB of these are the readers of files, with which `gotong verify` compares an original
  "markov-double": 0.25 * MB,
};
const NAMES = (Object.keys(IMAGES) satisfies string[]).filter((name): name is ImageName => name in IMAGES);

const platform = usePlatform({ workers: false });
/** A folder outside of the project, so that no package is found in a parent folder. */
const folder = mkdtempSync(join(tmpdir(), "gotong-images-"));
const treeOf = (name: ImageName) => join(folder, name);
const packagesOf = new Map<ImageName, string[]>();
const redis = new OwnRedis();

beforeAll(async () => {
  for (const name of NAMES) packagesOf.set(name, await buildImage(name, treeOf(name)));
  if (hasRedis) await redis.start();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await redis.remove();
});

function filesOf(name: ImageName): string[] {
  return readdirSync(treeOf(name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(treeOf(name), join(entry.parentPath, entry.name)));
}

/** Settings of a container, with free ports. */
const environment = () => ({
  ...platform.variables,
  HOST: "127.0.0.1",
  PORT: "0",
  WORKERS_PORT: "0",
  ...(hasRedis ? { REDIS_URL: redis.url } : {}),
});

test.for(NAMES)("the image of %s contains its bundle, unbundled packages, and nothing else", (name) => {
  const files = filesOf(name);
  const bytes = files.reduce((sum, file) => sum + statSync(join(treeOf(name), file)).size, 0);
  process.stdout.write(`${name.padEnd(14)} ${files.length} files, ${(bytes / MB).toFixed(1)} MB\n`);
  expect(bytes).toBeLessThanOrEqual(LIMITS[name]);
  const own = programOf(name).replace(/[^/]+$/, "");
  const migrations = name === "gotong" ? /^migrations\/\d{4}_\w+\.sql$/ : /^$/;
  const packages = packagesOf.get(name) ?? [];
  const stranger = (file: string) =>
    file !== "package.json" &&
    !(file.startsWith(own) && /^[\w.-]+\.js$/.test(file.slice(own.length))) &&
    !migrations.test(file) &&
    !packages.some((each) => file.startsWith(`node_modules/${each}/`));
  expect(files.filter(stranger)).toEqual([]);
  // The image contains no tests, types or sources; only the worker's image contains packages besides the bundle: sharp
  // and its dependencies.
  expect(files.filter((file) => /\.test\.|(^|\/)tests?\/|\.ts$|\.map$|\.env/.test(file))).toEqual([]);
  const native = packages.filter((each) => !["sharp", "detect-libc", "semver"].includes(each));
  expect(native.filter((each) => !each.startsWith("@img/"))).toEqual([]);
  expect(packages.includes("sharp")).toBe(name === "worker");
});

test.for(NAMES)("the image of %s contains no secret", (name) => {
  const telling = /PRIVATE KEY-----(\\n|\s)*[A-Za-z0-9+/]{40}|dev-only-|postgres:postgres@/;
  const ofOurs = filesOf(name).filter((file) => !file.startsWith("node_modules/"));
  expect(ofOurs.length).toBeGreaterThan(1);
  expect(ofOurs.filter((file) => telling.test(readFileSync(join(treeOf(name), file), "utf8")))).toEqual([]);
});

test("the API's image serves requests, reaches its database, Redis, S3 and queue, and exits with 0 on SIGTERM", async () => {
  const api = await start(treeOf("api"), programOf("api"), environment());
  const ask = (path: string) => fetch(`http://127.0.0.1:${api.port}${path}`);
  expect(await (await ask("/live")).json()).toEqual({ status: "live" });
  const checks = { database: "ok", redis: hasRedis ? "ok" : "disabled", s3: "ok", queue: "ok" };
  const health = async () => {
    const answer = await ask("/health");
    return [answer.status, await answer.json()];
  };
  // Polls, since on a busy host the first connections take longer than the timeout of a health check.
  await expect.poll(health, { interval: 1_000 }).toMatchObject([200, { status: "healthy", checks }]);
  expect((await ask("/openapi.json")).status).toBe(200);
  expect(await api.stop()).toMatchObject({ code: 0 });
});

test("the worker's image examines a photo, delivers its events, and exits with 0 on SIGTERM", async () => {
  const worker = await start(treeOf("worker"), programOf("worker"), environment());
  expect((await fetch(`http://127.0.0.1:${worker.port}/live`)).status).toBe(200);
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const photo = photograph();
  const ticket = await member.post(`/v1/contributions/${contributionId}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  const proof = { timestamp: photo.timestamp, media_hash: photo.declared.sha256 };
  const submitted = await member.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof,
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  const path = `/v1/evidence/${String(submitted.json["id"])}`;
  const examined = await until(
    () => member.get(path),
    ({ json }) => JSON.stringify(json["status"]) !== '"examining"',
  );
  expect(examined.json).toMatchObject({ status: "accepted" });
  const events = await until(
    () => platform.markov.ledger.about(contributionId),
    ({ length }) => length === 2,
  );
  expect(events).toHaveLength(2);
  expect(await worker.stop()).toMatchObject({ code: 0 });
});

test("the image of gotong applies its migrations, and finds bucket and queues", async () => {
  const run = async (command: string, variables: Record<string, string>) => {
    const options = { cwd: treeOf("gotong"), env: { ...environment(), ...variables }, timeout: 60_000 };
    return (await promisify(execFile)(process.execPath, [programOf("gotong"), command], options)).stdout;
  };
  const DATABASE_URL = await emptyDatabase();
  expect(await run("migrate", { DATABASE_URL })).toMatch(/^applied 0000_tables\.sql, /);
  expect(await run("migrate", { DATABASE_URL })).toBe("nothing to apply\n");
  for (const _ of [1, 2])
    expect(await run("prepare", { S3_BUCKET: "new-bucket" })).toBe("the bucket and 9 queues answer\n");
});

test("the image of the Markov double serves requests, and without settings it names the missing ones", async () => {
  const state = { LOCAL_DIR: join(folder, "state") };
  const double = await start(treeOf("markov-double"), programOf("markov-double"), { ...environment(), ...state });
  const stats = await fetch(`http://127.0.0.1:${double.port}/__double/stats`);
  expect(await stats.json()).toMatchObject({ received: 0 });
  expect(await double.stop()).toMatchObject({ code: 0 });
  await expect(start(treeOf("markov-double"), programOf("markov-double"), state)).rejects.toThrow(
    /ended with 1:[^]*MARKOV_API_TOKEN is not set/,
  );
});

import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { type Operation, operations } from "../../unit/contract/document.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { sized, weekly } from "../../harness/size.ts";
import { TRIES } from "./harness/index.ts";
import { hostileBodies } from "./hostile.ts";

const platform = usePlatform({ workers: false });
let admin: Person;
beforeAll(async () => {
  admin = await platform.person(["admin", "verifier"]);
});

/** Maximum size of a response to any request. */
const ANSWER_BYTES = 16 * 1024;
/** Upper limit of a request's CPU time, relative to parsing the same body and to the same request with a small body. */
const RATIO = 6;

const list = (value: unknown): readonly { readonly field: string; readonly code: string }[] =>
  Array.isArray(value) ? value : [];

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const pathOf = ({ path }: Operation) => path.replaceAll(/{\w+}/g, () => randomUUID());

async function send(operation: Operation, body: string) {
  const path = pathOf(operation);
  const before = cpuMs();
  const answer = await platform.raw(operation.method, path, { token: admin.token, body });
  const text = await answer.text();
  return { status: answer.status, bytes: Buffer.byteLength(text), cost: cpuMs() - before };
}

const PARTS = 4;
/**
 * Lower bound of the CPU time in a ratio, in ms. The weekly sample has so few bodies of a kind that their 3 ms are
 * mostly noise of the host.
 */
const LEAST_MS = 20;
const takingBodies = operations.filter(({ method, id }) => method !== "GET" && id !== "deleteMe");

test(
  "a megabyte in any field of any route costs little more than its parsing, and the response has a few kilobytes",
  { timeout: 600_000, ...TRIES },
  async () => {
    const costs = new Map<string, { hostile: number; fair: number }>();
    let sent = 0;
    for (const operation of weekly(takingBodies, PARTS)) {
      const small = await send(operation, '{"surprise":1}');
      for (const { name, kind, text } of hostileBodies(operation)) {
        expect(Buffer.byteLength(text), name).toBeLessThanOrEqual(1024 * 1024);
        const before = cpuMs();
        JSON.parse(text);
        const fair = cpuMs() - before + small.cost;
        const { status, bytes, cost } = await send(operation, text);
        expect(bytes, name).toBeLessThan(ANSWER_BYTES);
        // A string of spaces counts as empty, which is valid for a description.
        if (!name.endsWith("of spaces")) expect([name, status]).toEqual([name, 400]);
        const all = costs.get(kind) ?? { hostile: 0, fair: 0 };
        costs.set(kind, { hostile: all.hostile + cost, fair: all.fair + fair });
        sent += 1;
      }
    }
    const ratios = [...costs].map(([kind, { hostile, fair }]) => [kind, hostile / Math.max(fair, LEAST_MS)] as const);
    process.stdout.write(
      `${sent} hostile bodies; ${ratios.map(([kind, ratio]) => `${kind}: ${ratio.toFixed(1)}`).join(", ")}\n`,
    );
    expect(sent).toBeGreaterThan(sized(250 / PARTS / 2, 250)); // a bound, since routes differ in their number of fields
    expect(ratios.filter(([, ratio]) => ratio > RATIO)).toEqual([]);
  },
);

test("a query with many, long or repeated parameters gets a response of a few kilobytes on every route", async () => {
  const queries = [
    Array.from({ length: 10_000 }, () => "limit=1").join("&"),
    Array.from({ length: 10_000 }, (_, at) => `p${at}=1`).join("&"),
    `${"n".repeat(100_000)}=1`,
    `${encodeURIComponent("😀".repeat(10_000))}=1`,
    `cursor=${"x".repeat(100_000)}&surprise=1`,
  ];
  for (const operation of operations)
    for (const query of queries) {
      const body = operation.body ? { body: operation.example } : {};
      const answer = await platform.raw(operation.method, `${pathOf(operation)}?${query}`, {
        token: admin.token,
        headers: { accept: "*/*" },
        ...body,
      });
      const text = await answer.text();
      expect([operation.id, answer.status]).toEqual([operation.id, 400]);
      expect(Buffer.byteLength(text), operation.id).toBeLessThan(ANSWER_BYTES);
    }
});

test("a response repeats the name of an unknown field only up to 200 characters", async () => {
  const name = "😀".repeat(100_000);
  const answer = await platform.request("POST", "/v1/tasks", { token: admin.token, body: { [name]: 1 } });
  const errors = list(answer.json["errors"]).map((error) => `${error.field} ${error.code}`);
  expect(errors).toContain(`${"😀".repeat(199)}… unknown_field`);
});

import fc from "fast-check";
import { type Operation, operations } from "../../unit/contract/document.ts";
import { ID, changed, changes, valuesOf } from "./arbitrary.ts";

/** One request as it will be sent, except for ids that exist only when it is sent. */
export interface Generated {
  readonly operation: Operation;
  readonly caller: number;
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [string, string])[];
  /** The JSON body; undefined for none. */
  readonly json: unknown;
  /** A string that is sent in place of the JSON body. */
  readonly raw: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

const GARBAGE = ["", "%00", "..", "null", "%zz", "a b", "☃", "1", "x".repeat(3_000), "'; drop table tasks; --"];
const RAW = [
  "",
  "{",
  "nul",
  '{"a":1,"a":2}',
  "\ufeff{}",
  "[".repeat(100),
  '"text"',
  "1",
  "null",
  "[]",
  "\u0000",
  '{"a":"\\ud800"}',
  "{}x",
];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  {},
  {},
  {},
  {},
  { accept: "text/html" },
  { accept: "*/*;q=0.1" },
  { "content-type": "text/plain" },
  { "content-type": "application/json; charset=utf-8" },
  { "if-none-match": "*" },
  { "if-none-match": 'W/"x' },
  { "x-request-id": "a".repeat(300) },
  { "x-request-id": "a".repeat(2_048), "if-none-match": "a".repeat(2_048) },
  { "if-none-match": "a".repeat(2_049) },
  { "x-request-id": "fine-1" },
  { authorization: "Bearer a.b.c" },
  { "idempotency-key": "k" },
  { "idempotency-key": " " },
  { origin: "https://evil.example" },
];

const pathValue = fc.oneof(
  { weight: 8, arbitrary: fc.nat(10_000).map((n) => `${ID}${n}`) },
  { weight: 1, arbitrary: fc.uuid() },
  { weight: 1, arbitrary: fc.constantFrom(...GARBAGE) },
);

function requestsOf(operation: Operation): fc.Arbitrary<Generated> {
  const inQuery = operation.parameters.filter((parameter) => parameter.in === "query");
  const query = fc.tuple(
    ...inQuery.map(({ name, schema }) =>
      fc
        .option(
          fc.oneof(
            { weight: 4, arbitrary: valuesOf(schema).map(String) },
            { weight: 1, arbitrary: fc.constantFrom("0", "-1", "101", ...GARBAGE) },
          ),
          { nil: undefined },
        )
        .map((value) => (value === undefined ? [] : [[name, value] as const])),
    ),
    fc.constantFrom<(readonly [string, string])[]>(
      [],
      [],
      [],
      [["unknown", "1"]],
      [
        ["limit", "1"],
        ["limit", "2"],
      ],
    ),
  );
  const body = operation.body;
  const json = body
    ? fc
        .tuple(valuesOf(body), changes)
        .map(([value, list]) =>
          list
            .slice(0, Math.max(0, list.length - 1))
            .reduce<unknown>((result, change) => changed(result, change), value),
        )
    : fc.constant(undefined);
  return fc.record({
    operation: fc.constant(operation),
    caller: fc.nat(100),
    path: fc.record(
      Object.fromEntries(
        operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => [name, pathValue]),
      ),
    ),
    query: query.map((lists) => lists.flat()),
    json,
    raw: ["POST", "PUT", "PATCH"].includes(operation.method)
      ? fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...RAW) })
      : fc.constant(undefined),
    headers: fc
      .tuple(
        fc.constantFrom(...HEADERS),
        fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, 1, 2, 3),
      )
      .map(([headers, key]) => ({
        ...headers,
        ...(key === undefined ? {} : { "idempotency-key": headers["idempotency-key"] ?? `key-${key}` }),
      })),
  });
}

/** Operations that hash a password are generated less often: each takes as long as a hundred other requests. */
const SLOW = ["register", "login", "confirmPasswordReset", "deleteMe"];

/** Generates requests for every operation of the document; the same seed yields the same requests. */
export function generate(count: number, seed: number): Generated[] {
  const arbitrary = fc.oneof(
    ...operations.map((operation) => ({
      weight: SLOW.includes(operation.id) ? 3 : 12,
      arbitrary: requestsOf(operation),
    })),
  );
  return fc.sample(arbitrary, { numRuns: count, seed });
}

/** Generates one request for each operation of the document, so that no run leaves one out by chance. */
export function generateOneOfEach(seed: number): Generated[] {
  return operations.flatMap((operation) => fc.sample(requestsOf(operation), { numRuns: 1, seed }));
}

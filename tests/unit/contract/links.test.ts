import { expect, test } from "vitest";
import * as v from "valibot";
import { breakages, shapeOf } from "@gotong/api/openapi/shape.ts";
import { referencePage } from "@gotong/api/reference/reference.ts";
import { Document } from "@gotong/api/reference/document.ts";
import { type Operation, type Schema, document, json, operations } from "./document.ts";

/** Operations with an id in their path to which no link leads, each with its reason. */
const UNLINKED = new Map([
  ["getAvatar", "the name of a picture is the end of an `avatar_url`"],
  ["endSession", "the id of a session is only in the list of sessions"],
  ["readNotification", "the id of a notification is only in the feed and in its own answer"],
  ["redriveWebhookFailure", "the id of a failure is only in the list of failures and in its own answer"],
]);

interface Place {
  readonly from: Operation;
  readonly status: number;
  readonly name: string;
  readonly schema: Schema | undefined;
  readonly target: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const last = (pointer: string) => pointer.split("/").at(-1) ?? "";
const places: Place[] = operations.flatMap((from) =>
  [...from.answers].flatMap(([status, { content, links }]) =>
    Object.entries(links).map(([name, { $ref }]) => {
      const { operationId = "", parameters = {} } = document.components.links[last($ref)] ?? {};
      return { from, status, name, schema: content["application/json"]?.schema, target: operationId, parameters };
    }),
  ),
);
const title = ({ from, status, name }: Place) => `${from.id} ${status} ${name}`;

const Fields = v.object({
  properties: v.optional(v.record(v.string(), v.record(v.string(), v.unknown())), {}),
  required: v.optional(v.array(v.string()), []),
});
/** The schema at a JSON pointer, through required properties only; undefined if there is none. */
function at(schema: Schema, pointer: string): Schema | undefined {
  return pointer
    .split("/")
    .slice(1)
    .reduce<Schema | undefined>((here, step) => {
      const { properties, required } = v.parse(Fields, followed(here));
      return required.includes(step) ? followed(properties[step]) : undefined;
    }, schema);
}
const followed = (schema: Schema = {}): Schema =>
  typeof schema["$ref"] === "string" ? (document.components.schemas[last(schema["$ref"])] ?? {}) : schema;

/**
 * The error in an expression of an OpenAPI link, such as `$response.body#/id`; undefined if it always yields a string.
 */
function fault({ from, schema }: Place, expression: string): string | undefined {
  const [, parameter] = /^\$request\.path\.(\w+)$/.exec(expression) ?? [];
  if (parameter !== undefined)
    return from.parameters.some(({ name, in: where }) => where === "path" && name === parameter)
      ? undefined
      : `no parameter ${parameter}`;
  const [, pointer] = /^\$response\.body#((?:\/\w+)+)$/.exec(expression) ?? [];
  if (pointer === undefined || schema === undefined) return `cannot be evaluated: ${expression}`;
  return at(schema, pointer)?.["type"] === "string" ? undefined : `no required string at ${pointer}`;
}

test("each OpenAPI link leads to an existing operation and sets all its path parameters", () => {
  expect(places.length).toBeGreaterThan(100);
  for (const place of places) {
    const target = operations.find(({ id }) => id === place.target);
    expect(target?.id, title(place)).toBeDefined();
    expect(place.target, title(place)).not.toBe(place.from.id);
    const taken = target?.parameters.filter(({ in: where }) => where !== "header").map(({ name }) => name) ?? [];
    const needed = target?.parameters.filter(({ required }) => required).map(({ name }) => name) ?? [];
    const given = Object.keys(place.parameters);
    expect(
      given.filter((name) => !taken.includes(name)),
      title(place),
    ).toEqual([]);
    expect(
      needed.filter((name) => !given.includes(name)),
      title(place),
    ).toEqual([]);
  }
});

test("each expression of an OpenAPI link always yields a string: a required property or a path parameter", () => {
  const wrong = places.flatMap((place) =>
    Object.values(place.parameters).flatMap((expression) => {
      const found = fault(place, expression);
      return found === undefined ? [] : [`${title(place)}: ${found}`];
    }),
  );
  expect(wrong).toEqual([]);
});

test("a link expression with an optional, nullable, unknown or non-string property is reported", () => {
  const [place] = places.filter(({ from, name }) => from.id === "createTask" && name === "getTask");
  if (!place) throw new Error("createTask has no link to getTask");
  expect(fault(place, "$response.body#/id")).toBeUndefined();
  expect(fault(place, "$response.body#/assignee_id")).toBe("no required string at /assignee_id");
  expect(fault(place, "$response.body#/skill_ids")).toBe("no required string at /skill_ids");
  expect(fault(place, "$response.body#/nothing")).toBe("no required string at /nothing");
  expect(fault(place, "$response.header.ETag")).toBe("cannot be evaluated: $response.header.ETag");
  expect(fault(place, "$request.path.task_id")).toBe("no parameter task_id");
});

test("every operation with an id in its path is the target of an OpenAPI link, or is a listed exception", () => {
  const reached = new Set(places.map(({ target }) => target));
  const lacking = operations.filter(({ id, path }) => path.includes("{") && !reached.has(id)).map(({ id }) => id);
  expect(lacking.toSorted()).toEqual([...UNLINKED.keys()].toSorted());
});

test("every response with an id has OpenAPI links, except for lists and the listed exceptions", () => {
  const silent = operations.flatMap(({ id, answers }) =>
    [...answers]
      .filter(([status, { content, links }]) => {
        const schema = content["application/json"]?.schema;
        const hasId = schema !== undefined && at(schema, "/id")?.["type"] === "string";
        return status < 300 && hasId && Object.keys(links).length === 0;
      })
      .map(() => id),
  );
  // No other operation accepts the ids in these responses, so a link would lead back to the same operation.
  expect(silent.toSorted()).toEqual(["readNotification", "redriveWebhookFailure"]);
});

test("OpenAPI links are part of the released contract, and the reference page shows them", () => {
  const before = "gives POST /v1/tasks 201 link.getTask";
  expect(shapeOf(json)).toContain(before);
  expect(breakages([before], [])).toEqual([`gone: ${before}`]);
  const html = referencePage(v.parse(Document, json));
  const section = html.slice(html.indexOf('<section id="createTask">'));
  expect(section.slice(0, section.indexOf("</section>"))).toContain('<a href="#claimTask"><code>claimTask</code></a>');
});

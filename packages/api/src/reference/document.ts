import * as v from "valibot";

const Schema = v.record(v.string(), v.unknown());
const Ref = v.object({ $ref: v.string() });
const Content = v.record(
  v.string(),
  v.object({
    schema: v.optional(Schema),
    example: v.optional(v.unknown()),
    examples: v.optional(v.record(v.string(), v.unknown())),
  }),
);
const Answer = v.object({
  description: v.string(),
  content: v.optional(Content),
  links: v.optional(v.record(v.string(), Ref), {}),
});
const Parameter = v.object({
  name: v.string(),
  in: v.string(),
  required: v.optional(v.boolean(), false),
  description: v.optional(v.string(), ""),
  schema: v.optional(Schema, {}),
});
const Operation = v.object({
  operationId: v.string(),
  summary: v.string(),
  description: v.string(),
  tags: v.array(v.string()),
  security: v.array(v.unknown()),
  parameters: v.array(v.union([Ref, Parameter])),
  requestBody: v.optional(v.object({ required: v.boolean(), content: Content })),
  responses: v.record(v.string(), v.union([Ref, Answer])),
});

/** The parts of the OpenAPI document that the reference page shows. */
export const Document = v.object({
  info: v.object({ title: v.string(), version: v.string(), description: v.string() }),
  tags: v.array(v.object({ name: v.string(), description: v.string() })),
  paths: v.record(v.string(), v.record(v.string(), Operation)),
  components: v.object({
    schemas: v.record(v.string(), Schema),
    responses: v.record(v.string(), Answer),
    parameters: v.record(v.string(), Parameter),
    links: v.record(v.string(), v.object({ operationId: v.string() })),
  }),
});
export type Document = v.InferOutput<typeof Document>;
export type Operation = v.InferOutput<typeof Operation>;
export type Answer = v.InferOutput<typeof Answer>;
export type Parameter = v.InferOutput<typeof Parameter>;

const last = (pointer: string) => pointer.split("/").at(-1) ?? "";

export const answerOf = (document: Document, answer: Answer | { readonly $ref: string }): Answer =>
  "$ref" in answer ? (document.components.responses[last(answer.$ref)] ?? { description: "", links: {} }) : answer;

/** The operations that accept an id of this response, without duplicates. */
export const linkedFrom = (document: Document, { links }: Answer): string[] => [
  ...new Set(Object.values(links).flatMap(({ $ref }) => document.components.links[last($ref)]?.operationId ?? [])),
];

export const parameterOf = (
  document: Document,
  parameter: Parameter | { readonly $ref: string },
): Parameter | undefined => ("$ref" in parameter ? document.components.parameters[last(parameter.$ref)] : parameter);

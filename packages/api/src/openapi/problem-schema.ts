import * as v from "valibot";
import { Answer } from "@gotong/core/platform/answer.ts";
import {
  CATALOGUE,
  type Code,
  ERRORS_MAX,
  FIELD_CODES,
  FIELD_MAX_CHARACTERS,
  NEXT_STEPS,
} from "@gotong/core/platform/error.ts";

const CODES = Object.keys(CATALOGUE).filter((code): code is Code => code in CATALOGUE);

export const FieldError = v.pipe(
  v.strictObject({
    field: Answer.text(FIELD_MAX_CHARACTERS, "proof.location.lat"),
    code: v.pipe(
      v.picklist(FIELD_CODES),
      v.metadata({ description: "The violated rule. See /docs/problems.", examples: ["too_large"] }),
    ),
    message: Answer.text(200, "must be at most 90"),
  }),
  v.description("An error in one field."),
);

export const Problem = v.pipe(
  v.strictObject({
    type: v.pipe(Answer.text(200, "/docs/problems#NOT_FOUND"), v.metadata({ format: "uri-reference" })),
    title: Answer.text(200, CATALOGUE.NOT_FOUND.title),
    status: Answer.integer(400, 599),
    detail: Answer.text(1_000, CATALOGUE.NOT_FOUND.title),
    code: v.pipe(v.picklist(CODES), v.description("The code for programs. See /docs/problems.")),
    request_id: Answer.text(128, "0198c0de-0000-7000-8000-000000000001"),
    next_step: v.exactOptional(
      v.pipe(
        v.picklist([...new Set(Object.values(NEXT_STEPS))]),
        v.description("What the caller can do about a lasting refusal."),
      ),
    ),
    errors: v.exactOptional(Answer.list(FieldError, ERRORS_MAX)),
    errors_truncated: v.exactOptional(v.pipe(v.boolean(), v.description("Whether there are more errors."))),
  }),
  v.description("A problem (RFC 9457)."),
);

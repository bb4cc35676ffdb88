import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { DECISIONS, MAX_CHARACTERS, REASONS, REPORT_STATUSES, TARGET_TYPES } from "./kinds.ts";

const oneOf = <const T extends readonly string[]>(values: T) =>
  v.picklist(values, `must be one of ${values.join(", ")}`);

export const ReportId = v.strictObject({ report_id: Input.uuid });

export const paging = Page.paging("reports", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject({
  ...paging.query,
  /** Status of the reports to list; by default the open ones. */
  status: v.optional(oneOf([...REPORT_STATUSES, "all"]), "open"),
  target_type: v.optional(oneOf(TARGET_TYPES)),
  reason: v.optional(oneOf(REASONS)),
  /** Id of the reported content or member. */
  target: v.optional(Input.uuid),
});

export const Resolution = v.strictObject({
  outcome: oneOf(DECISIONS),
  /** Note that only admins can read. */
  note: v.optional(Input.text(0, MAX_CHARACTERS.note)),
  /** Whether to resolve all open reports of the same target. */
  include_same_target: v.optional(v.boolean("must be true or false"), false),
});

export * as QueueInput from "./queue-input.ts";

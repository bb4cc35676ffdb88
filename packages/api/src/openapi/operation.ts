import type * as v from "valibot";
import type { Code } from "@gotong/core/platform/error.ts";

/**
 * What the OpenAPI document says of one route besides its input. The `*.docs.ts` beside the routes hold them, by method and pattern;
 * only the build of the document and tests import those.
 */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** Answers by status: the schema of a JSON body, null without a body, or the media type of any other body. */
  readonly answers: Readonly<Record<number, v.GenericSchema | string | null>>;
  /** Problems of this route, besides those that every request of its kind can meet. */
  readonly problems?: readonly Code[];
  /** The role that the caller needs. */
  readonly role?: "admin" | "verifier";
  /** The route takes no access token. */
  readonly isOpen?: true;
}

/** The description of every list. */
export const page = "Keyset pagination: send `next_cursor` as `cursor` for the next page.";
/** The description of every report. */
export const REPORT =
  "Admins see it; whom it is about never learns from whom. One open report of one thing, and at most 20 a day.";

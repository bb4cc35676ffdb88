import type * as v from "valibot";
import type { Code } from "@gotong/core/platform/error.ts";

/**
 * The documentation of one route, without its input. The files `*.docs.ts` next to the routes contain it, by method and pattern; only the build of
 * the document and tests import them.
 */
export interface Operation {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** Responses by status: the schema of a JSON body, null without a body, or the media type of any other body. */
  readonly answers: Readonly<Record<number, v.GenericSchema | string | null>>;
  /** Problems of this route, in addition to those that can occur on every route of its kind. */
  readonly problems?: readonly Code[];
  /** The role that the caller needs. */
  readonly role?: "admin" | "verifier";
  /** Whether the route needs no access token. */
  readonly isOpen?: true;
}

/** The description of every list. */
export const page = "Keyset pagination: send `next_cursor` as `cursor` for the next page.";
/** The description of every report. */
export const REPORT =
  "For admins; the reported member never learns who reported. One open report per target, and at most 20 reports a day.";

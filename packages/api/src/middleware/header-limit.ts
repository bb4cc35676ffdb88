import { AppError } from "@gotong/core/platform/error.ts";
import type { Step } from "./guard.ts";

/**
 * Maximum length of `X-Request-Id` and `If-None-Match` (about 60 tags), in characters. Both of them, a token, the longest idempotency key and the
 * longest cursor fit into the 16 KiB that Node allows for a request line and its headers.
 */
export const HEADER_MAX_LENGTH = 2_048;

const LIMITED = ["X-Request-Id", "If-None-Match"];

/** Enforces the header lengths of the OpenAPI document. @throws AppError HEADERS_TOO_LARGE */
export const limitHeaders: Step = {
  before: (c) => {
    for (const name of LIMITED) {
      if ((c.req.header(name)?.length ?? 0) > HEADER_MAX_LENGTH)
        throw new AppError("HEADERS_TOO_LARGE", {
          detail: `${name} may have at most ${HEADER_MAX_LENGTH} characters.`,
        });
    }
    return undefined;
  },
};

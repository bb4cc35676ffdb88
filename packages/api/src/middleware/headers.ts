import type { MiddlewareHandler } from "hono";
import { AppError } from "@gotong/core/platform/error.ts";

/**
 * Characters of `X-Request-Id` and of `If-None-Match`, for about 60 tags. Both fit beside a token, the longest idempotency key and
 * the longest cursor into the 16 KiB that Node takes of a request line with its headers.
 */
export const HEADER_MAX_LENGTH = 2_048;

const LIMITED = ["X-Request-Id", "If-None-Match"];

/** Holds requests to the length of headers that the OpenAPI document states. */
export const limitHeaders: MiddlewareHandler = async (c, next) => {
  for (const name of LIMITED)
    if ((c.req.header(name)?.length ?? 0) > HEADER_MAX_LENGTH)
      throw new AppError("HEADERS_TOO_LARGE", { detail: `${name} may have ${HEADER_MAX_LENGTH} characters.` });
  await next();
};

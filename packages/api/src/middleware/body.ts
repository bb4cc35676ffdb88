import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AppError } from "@gotong/core/error.ts";
import { DEPTH_LIMIT, flawOf } from "./json.ts";

/** The edge that signs requests in front of the function takes no more either. */
const LIMIT_BYTES = 1024 * 1024;

/** @throws AppError PAYLOAD_TOO_LARGE */
export const limitBody = bodyLimit({
  maxSize: LIMIT_BYTES,
  onError: () => {
    throw new AppError("PAYLOAD_TOO_LARGE", { detail: "The body may have at most 1 MiB." });
  },
});

/**
 * A body must be JSON and say so; no body at all is an empty object, whatever its declared type.
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON
 */
export const onlyJson: MiddlewareHandler = async (c, next) => {
  if (["POST", "PUT", "PATCH"].includes(c.req.method)) {
    const type = c.req.header("content-type") ?? "";
    const text = await c.req.text();
    if (text === "") {
      const headers = new Headers(c.req.raw.headers);
      headers.delete("content-type");
      c.req.raw = new Request(c.req.url, { method: c.req.method, headers });
      c.req.bodyCache = {};
    } else if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
      throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: "Send application/json." });
    } else {
      const flaw = flawOf(text);
      if (flaw === "depth")
        throw new AppError("MALFORMED_JSON", { detail: `The body nests deeper than ${DEPTH_LIMIT}.` });
      if (flaw === "duplicate") throw new AppError("MALFORMED_JSON", { detail: "An object names a member twice." });
    }
  }
  await next();
};

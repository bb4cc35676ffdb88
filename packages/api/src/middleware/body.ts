import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AppError, invalidField } from "@gotong/core/platform/error.ts";
import { DEPTH_LIMIT, flawOf } from "./json.ts";

/** The edge that signs requests in front of the function takes no more either. */
const LIMIT_BYTES = 1024 * 1024;

const limit = bodyLimit({
  maxSize: LIMIT_BYTES,
  onError: (c) => {
    // The rest of it is not read, so nothing more can come on this connection.
    c.header("connection", "close");
    throw new AppError("PAYLOAD_TOO_LARGE", { detail: "The body may have at most 1 MiB." });
  },
});

/** @throws AppError PAYLOAD_TOO_LARGE; MALFORMED_JSON for a body that breaks off */
export const limitBody: MiddlewareHandler = async (c, next) => {
  let isRead = false;
  const goOn = () => {
    isRead = true;
    return next();
  };
  return limit(c, goOn).catch((error: unknown) => {
    throw isRead || error instanceof AppError ? error : brokenOff(error);
  });
};

/** Phones lose their connection all day: that is no failure of ours. */
const brokenOff = (cause: unknown) => new AppError("MALFORMED_JSON", { detail: "The body breaks off.", cause });

const FLAWS = {
  depth: `The body nests deeper than ${DEPTH_LIMIT}.`,
  duplicate: "An object names a member twice.",
  reserved: "No member may be named __proto__, constructor or prototype.",
} as const;

/**
 * A body must be a JSON object and say so; no body at all is an empty object, whatever its declared type.
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON; VALIDATION_FAILED for a list
 */
export const onlyJson: MiddlewareHandler = async (c, next) => {
  if (!["GET", "HEAD", "OPTIONS"].includes(c.req.method)) {
    const bytes = await c.req.arrayBuffer().catch((error: unknown) => {
      throw brokenOff(error);
    });
    const text = textOf(bytes);
    if (text === "") {
      const headers = new Headers(c.req.raw.headers);
      headers.delete("content-type");
      c.req.raw = new Request(c.req.url, { method: c.req.method, headers });
      c.req.bodyCache = {};
    } else {
      assertJson(c.req.header("content-type") ?? "", c.req.header("content-encoding") ?? "identity");
      const flaw = flawOf(text);
      if (flaw !== undefined) throw new AppError("MALFORMED_JSON", { detail: FLAWS[flaw] });
      // To valibot a list is an object in which everything that is optional is missing.
      if (/^\s*\[/.test(text)) throw invalidField("body", "type", "must be an object");
    }
  }
  await next();
};

/** Bytes that are no UTF-8 must not become other characters: two passwords would be one. @throws AppError MALFORMED_JSON */
function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("MALFORMED_JSON", { detail: "The body is not UTF-8.", cause });
  }
}

/** JSON is UTF-8 (RFC 8259 §8.1), and is not unpacked here: a small body could become a large one. */
function assertJson(type: string, encoding: string): void {
  const isJson = /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type);
  const charset = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1] ?? "utf-8";
  if (!isJson || !/^utf-?8$/i.test(charset))
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: "Send application/json in UTF-8." });
  if (encoding.toLowerCase() !== "identity")
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: "Send the body as it is, without Content-Encoding." });
}

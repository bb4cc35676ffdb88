import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { AppError, invalidField } from "@gotong/core/platform/error.ts";
import type { Step } from "./guard.ts";
import { DEPTH_LIMIT, MEMBERS_LIMIT, findJsonFlaw } from "./json.ts";

/** Maximum size of a body; the edge function that signs requests has the same limit. */
export const MAX_BODY_BYTES = 1024 * 1024;

function refuse(c: Context): never {
  // The rest of the body is not read, so the connection cannot be reused.
  c.header("connection", "close");
  throw new AppError("PAYLOAD_TOO_LARGE", { detail: "The body may have at most 1 MiB." });
}

const limit = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuse });

/** Limits the size of the body. @throws AppError PAYLOAD_TOO_LARGE; MALFORMED_JSON for an incomplete body */
export const limitBody: Step = {
  before: (c) => {
    // `bodyLimit` reads the body as a stream, for which the server would create a Request object for each request (7 % of a list's time). The
    // stream is only needed if no header contains the length.
    if (c.req.method === "GET" || c.req.method === "HEAD") return undefined;
    const length = c.req.header("content-length");
    if (length === undefined || c.req.header("transfer-encoding") !== undefined) return limitStream(c);
    return Number(length) > MAX_BODY_BYTES ? refuse(c) : undefined;
  },
};

/** Reads the body up to the limit and keeps it for later steps. */
async function limitStream(c: Context): Promise<undefined> {
  await limit(c, async () => undefined).catch((error: unknown) => {
    throw error instanceof AppError ? error : incomplete(error);
  });
}

/** The error for a body that was cut off: lost connections are common on phones and are not a server error. */
const incomplete = (cause: unknown) => new AppError("MALFORMED_JSON", { detail: "The body is incomplete.", cause });

const FLAWS = {
  depth: `The body is nested deeper than ${DEPTH_LIMIT} levels.`,
  members: `An object has more than ${MEMBERS_LIMIT} members.`,
  duplicate: "An object has a duplicate member.",
  reserved: "A member must not be named __proto__, constructor or prototype.",
} as const;

/**
 * Requires a JSON object with a JSON content type. A missing body counts as an empty object, whatever its content type.
 * @throws AppError UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON; VALIDATION_FAILED for a list
 */
export const requireJson: Step = {
  before: (c) => (WITHOUT_BODY.has(c.req.method) ? undefined : readJson(c)),
};

const WITHOUT_BODY: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

async function readJson(c: Context): Promise<undefined> {
  const bytes = await c.req.arrayBuffer().catch((error: unknown) => {
    throw incomplete(error);
  });
  // The headers are checked before the bytes are decoded. A compressed body thus gets an error about its encoding;
  // decoding its bytes as UTF-8 would fail as well, with a less helpful error.
  if (bytes.byteLength > 0)
    assertJson(c.req.header("content-type") ?? "", c.req.header("content-encoding") ?? "identity");
  const text = textOf(bytes);
  const flaw = findJsonFlaw(text);
  if (flaw !== undefined) throw new AppError("MALFORMED_JSON", { detail: FLAWS[flaw] });
  // To valibot an array is an object, so it would accept an array where all fields of the body are optional.
  if (/^\s*\[/.test(text)) throw invalidField("body", "type", "must be an object");
  Object.assign(c.req.bodyCache, { text: Promise.resolve(text) }); // otherwise Hono would create a Response to decode the bytes
}

/** Decodes UTF-8. Throws for invalid bytes: if they were replaced, two different passwords could become equal. @throws AppError MALFORMED_JSON */
function textOf(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("MALFORMED_JSON", { detail: "The body is not UTF-8.", cause });
  }
}

/** Requires a JSON content type in UTF-8 (RFC 8259 §8.1). Rejects compressed bodies, since a small body could expand to a large one. */
function assertJson(type: string, encoding: string): void {
  const isJson = /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type);
  const charset = /;\s*charset\s*=\s*"?([\w-]+)/i.exec(type)?.[1] ?? "utf-8";
  if (!isJson || !/^utf-?8$/i.test(charset))
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: "Send application/json in UTF-8." });
  if (encoding.toLowerCase() !== "identity")
    throw new AppError("UNSUPPORTED_MEDIA_TYPE", { detail: "Send the body without Content-Encoding." });
}

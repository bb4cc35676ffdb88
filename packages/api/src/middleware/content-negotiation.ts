import { parseAccept } from "hono/utils/accept";
import { AppError } from "@gotong/core/platform/error.ts";
import { isAvatar } from "../route-kinds.ts";
import type { Step } from "./guard.ts";

/** The media types of non-JSON responses, by path. */
const TYPES: Readonly<Record<string, string>> = {
  "/metrics": "text/plain",
  "/docs": "text/html",
  "/docs/problems": "text/html",
};

/**
 * Rejects a request whose `Accept` header excludes the media type of the response (RFC 9110 §12.5.1).
 * @throws AppError NOT_ACCEPTABLE
 */
export const contentNegotiation: Step = {
  before: (c) => {
    const type = isAvatar(c.req.path) ? "image/webp" : (TYPES[c.req.path] ?? "application/json");
    if (!accepts(c.req.header("accept"), type))
      throw new AppError("NOT_ACCEPTABLE", { detail: `The response is ${type}.` });
    return undefined;
  },
};

/**
 * Whether an `Accept` header allows `type`. The most specific matching range decides, even if its weight is 0, which the helper `hono/accepts`
 * ignores (docs/adr/0020-hono-middleware.md).
 */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header === "*/*" || header === type || header.trim() === "") return true;
  const accepted = parseAccept(header.toLowerCase());
  const weightOf = (range: string) => accepted.find((one) => one.type === range)?.q;
  const weight = [type, `${type.split("/")[0]}/*`, "*/*"].map(weightOf).find((one) => one !== undefined);
  return weight !== undefined && weight !== 0;
}

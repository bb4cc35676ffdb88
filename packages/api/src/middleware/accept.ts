import type { MiddlewareHandler } from "hono";
import { AppError } from "@gotong/core/platform/error.ts";

/** What is not JSON. */
const TYPES: Readonly<Record<string, string>> = {
  "/metrics": "text/plain",
  "/docs": "text/html",
  "/docs/problems": "text/html",
};

/**
 * A caller who says what it accepts must accept what there is (RFC 9110 §12.5.1).
 * @throws AppError NOT_ACCEPTABLE
 */
export const accepted: MiddlewareHandler = async (c, next) => {
  const type = TYPES[c.req.path] ?? "application/json";
  if (!accepts(c.req.header("accept"), type))
    throw new AppError("NOT_ACCEPTABLE", { detail: `The answer is ${type}.` });
  await next();
};

/** Whether an `Accept` header takes `type`: of the ranges that fit, the most exact one counts. */
export function accepts(header: string | undefined, type: string): boolean {
  if (header === undefined || header.trim() === "") return true;
  const ranges = [type, `${type.split("/")[0]}/*`, "*/*"];
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(",")) {
    const [range = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    weights.set(range, weight === undefined ? 1 : Number(weight));
  }
  const range = ranges.find((candidate) => weights.has(candidate));
  return range !== undefined && weights.get(range) !== 0;
}

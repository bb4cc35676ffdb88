import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@gotong/core/platform/error.ts";
import { Network } from "@gotong/core/platform/network.ts";
import { forwardedAddress } from "../client-address.ts";
import { MAX_BODY_BYTES } from "../middleware/body.ts";

/**
 * Size up to which bodies are not counted. A valid body has at most 60 KB, unless it escapes every character. A
 * thousand concurrent bodies of this size need 64 MiB.
 */
const SMALL_BYTES = 64 * 1024;
/** Share of the budget that one client address may use. */
const SHARE = 1 / 4;
const RETRY_AFTER_SECONDS = 5;

/**
 * Limits the memory for large bodies, in total and per client address: a thousand half-sent bodies of 1 MiB would need a gigabyte, more than a pod
 * has. A body counts from the receipt of its headers until the response is finished, with its declared length, or with the maximum if it has none.
 * @param totalBytes limit for all concurrent requests
 * @returns a function that counts a request, or returns the error with which it must be rejected
 */
export function bodyBudget(totalBytes: number) {
  const byAddress = new Map<string, number>();
  let total = 0;
  return (request: IncomingMessage, response: ServerResponse): AppError | undefined => {
    const bytes = declaredBytes(request);
    if (bytes <= SMALL_BYTES || bytes > MAX_BODY_BYTES) return undefined; // longer bodies are rejected unread
    const address = Network.networksOf(addressOf(request))[0];
    const used = byAddress.get(address) ?? 0;
    const isOverShare = used + bytes > totalBytes * SHARE;
    if (isOverShare || total + bytes > totalBytes)
      return new AppError(isOverShare ? "RATE_LIMITED" : "UNAVAILABLE", {
        detail: "Too many large bodies are being received. Send this one again later.",
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    total += bytes;
    byAddress.set(address, used + bytes);
    response.once("close", () => {
      total -= bytes;
      const left = (byAddress.get(address) ?? 0) - bytes;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    });
    return undefined;
  };
}

function declaredBytes({ headers }: IncomingMessage): number {
  if (headers["transfer-encoding"] !== undefined) return MAX_BODY_BYTES;
  return Number(headers["content-length"] ?? 0);
}

function addressOf({ headers, socket }: IncomingMessage): string {
  const forwarded = forwardedAddress((name) => headers[name]?.toString());
  return forwarded ?? socket.remoteAddress ?? "unknown";
}

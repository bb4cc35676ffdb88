import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@gotong/core/platform/error.ts";
import { Network } from "@gotong/core/platform/network.ts";
import { forwardedAddress } from "../client-address.ts";
import { MAX_BODY_BYTES } from "../middleware/body.ts";

/** The largest legal body has 60 KB, unless it escapes every character. A thousand connections need 64 MiB for such bodies. */
const SMALL_BYTES = 64 * 1024;
/** One address may use this part of the budget. */
const SHARE = 1 / 4;
const RETRY_AFTER_SECONDS = 5;

/**
 * Limits the memory for large bodies, in total and per client address: a thousand half-sent bodies of 1 MiB were a gigabyte, more than a pod
 * has. A body counts from its headers until the response is over, by its declared length, or as the longest one without a length.
 * @param totalBytes for all requests at a time
 * @returns counts a request, or returns the error that refuses it
 */
export function bodyBudget(totalBytes: number) {
  const byAddress = new Map<string, number>();
  let total = 0;
  return (request: IncomingMessage, response: ServerResponse): AppError | undefined => {
    const bytes = declaredBytes(request);
    if (bytes <= SMALL_BYTES || bytes > MAX_BODY_BYTES) return undefined; // longer ones are refused unread
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

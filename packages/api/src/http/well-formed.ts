import type { IncomingMessage } from "node:http";
import type { AppError } from "@gotong/core/platform/error.ts";
import { malformed } from "./refusals.ts";

/** Headers that must not be repeated: Node takes the first of two, but a proxy in front of it may take the last. */
const SINGLE = ["host", "authorization", "content-type", "idempotency-key"];

/**
 * Pattern of URLs with dot segments (also encoded), backslashes or fragments: a URL parser removes these, but a proxy
 * that compares paths as strings may not. Ordinary clients remove them before they send the URL (RFC 9112 §3.2, RFC
 * 3986 §5.2.4).
 */
const AMBIGUOUS = /#|^[^?]*(\\|\/(\.|%2e){1,2}([/?]|$))/i;

/**
 * Finds a flaw that Node's parser accepts: a missing or repeated `Host`, a transfer coding that we do not decode, or a request line whose authority
 * differs from `Host` (RFC 9112 §3.2). With such a flaw, two servers on the way could see different requests.
 */
export function findFlaw({ httpVersion, url = "", headers, rawHeaders }: IncomingMessage): AppError | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const repeated = SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (repeated !== undefined) return malformed(`The header ${repeated} is repeated.`);
  if (headers.host === undefined && httpVersion !== "1.0") return malformed("The header Host is missing.");
  const coding = headers["transfer-encoding"];
  // RFC 9112 §6.1: a proxy may decode `gzip, chunked`, and may not support chunks in HTTP/1.0.
  if (coding !== undefined && (coding.toLowerCase() !== "chunked" || httpVersion === "1.0"))
    return malformed("The only Transfer-Encoding is chunked, in HTTP/1.1.");
  if (AMBIGUOUS.test(url)) return malformed("The path has dot segments, a backslash or a fragment.");
  if (url.startsWith("/")) return undefined;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return malformed("The request line has no valid path.");
  const authority = authorityOf(url);
  if (authority === undefined || authority !== authorityOf(`http://${headers.host ?? ""}`))
    return malformed("The request line and the header Host name different authorities.");
  return undefined;
}

/** Host and port of a URL, in lower case; undefined if it is invalid or contains a user. */
function authorityOf(url: string): string | undefined {
  const authority = /^https?:\/\/([^/?#\\@]*)(?:[/?#]|$)/i.exec(url)?.[1];
  return authority === undefined ? undefined : authority.toLowerCase().replace(/:(80|443)?$/, "");
}

import type { IncomingMessage } from "node:http";
import type { AppError } from "@gotong/core/platform/error.ts";
import { malformed } from "./refusals.ts";

/** Of these a request has one: of two, Node takes the first, and a proxy in front of it may have looked at the last. */
const SINGLE = ["host", "authorization", "content-type", "idempotency-key"];

/**
 * What is wrong with a request that Node's parser accepted: it has no `Host` or two, or its request line names another authority
 * than `Host` (RFC 9112 §3.2): whoever looks at one of the two would see another request than whoever looks at the other.
 */
export function flawOf({ httpVersion, url = "", headers, rawHeaders }: IncomingMessage): AppError | undefined {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const repeated = SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (repeated !== undefined) return malformed(`The header ${repeated} is there twice.`);
  if (headers.host === undefined && httpVersion !== "1.0") return malformed("The header Host is missing.");
  if (url.startsWith("/")) return undefined;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return malformed("The request line names no path.");
  const authority = authorityOf(url);
  if (authority === undefined || authority !== authorityOf(`http://${headers.host ?? ""}`))
    return malformed("The request line names another authority than the header Host.");
  return undefined;
}

/** Host and port as written in a URL, in lower case; undefined for what is none, or holds a user. */
function authorityOf(url: string): string | undefined {
  const authority = /^https?:\/\/([^/?#\\@]*)(?:[/?#]|$)/i.exec(url)?.[1];
  return authority === undefined ? undefined : authority.toLowerCase().replace(/:(80|443)?$/, "");
}

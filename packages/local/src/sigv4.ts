import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** A request with its signature in the query or in a header. */
export interface Signed {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

export type Verdict =
  | { readonly ok: true; readonly signedHeaders: readonly string[] }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Verifies a presigned request like S3: expiry, and the signature over method, path, query and the signed headers. */
export function verifyPresigned(request: Signed, secretKey: string, now: Date): Verdict {
  const query = request.url.searchParams;
  const date = query.get("X-Amz-Date") ?? "";
  const scope = (query.get("X-Amz-Credential") ?? "").split("/").slice(1);
  const signedHeaders = (query.get("X-Amz-SignedHeaders") ?? "").split(";").filter(Boolean);
  const signedAt = momentOf(date);
  if (Number.isNaN(signedAt) || scope.length !== 4)
    return {
      ok: false,
      code: "AuthorizationQueryParametersError",
      message: "The parameters of the signature are incomplete.",
    };
  if (now.getTime() > signedAt + Number(query.get("X-Amz-Expires")) * 1000)
    return { ok: false, code: "AccessDenied", message: "Request has expired" };
  const payload = query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD";
  const signature = query.get("X-Amz-Signature") ?? "";
  return verify(request, secretKey, { date, scope, signedHeaders, payload, signature });
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=[^/,\s]+\/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([\da-f]{64})$/;
/** Tolerance for the clock of a client. */
const SKEW_MS = 15 * 60_000;

/**
 * Verifies the signature in `Authorization` like S3. An unsigned request is rejected, as in a bucket without public
 * access.
 */
export function verifyAuthorization(request: Signed, secretKey: string, now: Date): Verdict {
  const [, credential, names, signature] = AUTHORIZATION.exec(request.headers.authorization ?? "") ?? [];
  if (credential === undefined || names === undefined || signature === undefined)
    return { ok: false, code: "AccessDenied", message: "Access Denied" };
  const date = String(request.headers["x-amz-date"] ?? "");
  if (!(Math.abs(now.getTime() - momentOf(date)) <= SKEW_MS))
    return { ok: false, code: "RequestTimeTooSkewed", message: "The difference between the clocks is too large." };
  return verify(request, secretKey, {
    date,
    scope: credential.split("/"),
    signedHeaders: names.split(";"),
    payload: String(request.headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD"),
    signature,
  });
}

const momentOf = (date: string) =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));

interface Parts {
  readonly date: string;
  readonly scope: readonly string[];
  readonly signedHeaders: readonly string[];
  readonly payload: string;
  readonly signature: string;
}

function verify(
  request: Signed,
  secretKey: string,
  { date, scope, signedHeaders, payload, signature }: Parts,
): Verdict {
  const canonical = [
    request.method,
    request.url.pathname,
    canonicalQuery(request.url.searchParams),
    ...signedHeaders.map((name) => `${name}:${String(request.headers[name] ?? "").trim()}`),
    "",
    signedHeaders.join(";"),
    payload,
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", date, scope.join("/"), createHash("sha256").update(canonical).digest("hex")].join(
    "\n",
  );
  const key = scope.reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${secretKey}`);
  const expected = hmac(key, text);
  const given = Buffer.from(signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return {
      ok: false,
      code: "SignatureDoesNotMatch",
      message: "The request signature we calculated does not match the signature you provided.",
    };
  }
  return { ok: true, signedHeaders };
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join("&");
}

const hmac = (key: Buffer | string, text: string) => createHmac("sha256", key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

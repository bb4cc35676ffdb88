import * as v from "valibot";
import { type Made, createResponsesWith } from "../middleware/plain-headers.ts";
import { standIn } from "./stand-in.ts";

/** The event of a function URL (payload format 2.0), with only the fields that we use. */
const UrlEvent = v.object({
  rawPath: v.string(),
  rawQueryString: v.string(),
  cookies: v.optional(v.array(v.string())),
  headers: v.record(v.string(), v.string()),
  requestContext: v.object({ domainName: v.string(), http: v.object({ method: v.string() }) }),
  body: v.nullish(v.string(), ""), // AWS omits it, some emulators send null
  isBase64Encoded: v.optional(v.boolean(), false),
});

interface Result {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Responses that were created from these parts, and whose standard response was never needed. */
const untouched = new WeakMap<Response, Made>();

/**
 * A Lambda handler of a function URL. Requests and responses are stand-ins: the first use of `Request`, `Response` or
 * `Headers` loads undici, which takes 50 of the 65 ms of CPU time with which a minimal Hono function starts.
 * @param answer the app's `fetch`; its environment contains the event
 */
export function functionUrl(
  answer: (request: Request, env: { event: unknown }) => Response | Promise<Response>,
): (event: unknown) => Promise<Result> {
  createResponsesWith(responseOf);
  return async (event) => resultOf(await answer(requestOf(v.parse(UrlEvent, event)), { event }));
}

function requestOf(event: v.InferOutput<typeof UrlEvent>): Request {
  const { rawPath, rawQueryString, requestContext } = event;
  const { method } = requestContext.http;
  // Normalised as `Request` does it, so that `..` in a path has no other meaning here than on a server.
  const url = new URL(`https://${requestContext.domainName}${rawPath}${rawQueryString && `?${rawQueryString}`}`).href;
  const body = Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8");
  const given = Object.entries(event.headers).filter(([, value]) => value !== "");
  const plain = new Map(given.map(([name, value]) => [name.toLowerCase(), ascii(value)]));
  if (event.cookies) plain.set("cookie", event.cookies.join("; "));
  if (body.length > 0) plain.set("content-length", String(body.length));
  const headers = standIn<Headers>(
    { get: (name) => plain.get(name.toLowerCase()) ?? null },
    () => new Headers([...plain]),
  );
  const own: Partial<Request> = {
    method,
    url,
    headers,
    text: async () => body.toString("utf8"),
    arrayBuffer: async () => new Uint8Array(body).buffer,
    ...(body.length > 0 ? {} : { body: null }),
  };
  return standIn(own, () => new Request(url, { method, headers: [...plain], body: body.length > 0 ? body : null }));
}

/** Encodes what `Headers` would refuse. */
const ascii = (value: string) => (/[^\x00-\x7F]/.test(value) ? encodeURIComponent(value) : value);

function responseOf(made: Made): Response {
  const { status } = made;
  const response = standIn<Response>({ status, ok: status >= 200 && status < 300 }, () => {
    untouched.delete(response);
    return new Response(made.body, made);
  });
  untouched.set(response, made);
  return response;
}

/** Content types whose body is text; all other bodies are sent in Base64. */
const TEXT = /^text\/|[/+]json\b/;

async function resultOf(response: Response): Promise<Result> {
  const made = untouched.get(response);
  if (made) return { statusCode: made.status, headers: made.headers, body: made.body ?? "", isBase64Encoded: false };
  const { "set-cookie": _cookies, ...headers } = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  const isText = headers["content-encoding"] === undefined && TEXT.test(headers["content-type"] ?? "text/plain");
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length > 0 ? { cookies } : {}),
    body: Buffer.from(await response.arrayBuffer()).toString(isText ? "utf8" : "base64"),
    isBase64Encoded: !isText,
  };
}

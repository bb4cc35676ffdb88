import { ProblemError, hasCode } from "./problem.ts";
import { isNetworkFailure } from "./retry.ts";

/**
 * Makes a deletion safe to retry: if its response was lost, the retry is answered with 404, or after the deletion of the
 * account with 401, and counts as a success.
 * @param endsSession whether the deletion ends the current session
 * @param mayBeDone whether an earlier attempt ended without a response
 */
export function onceGone<T>(send: () => Promise<T>, endsSession: boolean, mayBeDone: boolean): () => Promise<T> {
  return async () => {
    try {
      return await send();
    } catch (error) {
      const isGone =
        hasCode(error, "NOT_FOUND") || (endsSession && hasCode(error, "UNAUTHENTICATED", "INVALID_REFRESH_TOKEN"));
      if (mayBeDone && isGone) return decode<T>(new Response());
      mayBeDone ||= isNetworkFailure(error) || (error instanceof ProblemError && error.status >= 500);
      throw error;
    }
  };
}

/**
 * The URL without query, fragment and trailing slashes.
 * @throws TypeError for an invalid URL
 */
export function baseOf(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/**
 * Decodes a body without validation: the API's tests check every response against the document. Returns a string if the body is not JSON, undefined
 * if it is empty.
 */
export async function decode<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  const { value } = JSON.parse(
    isJson ? `{"value":${text}}` : JSON.stringify({ value: text === "" ? undefined : text }),
  );
  return value;
}

/** SHA-256 as hex digits. */
export async function sha256(data: string | ArrayBuffer): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Length above which a file is hashed slice by slice instead of as a whole, which needs its length in memory. */
const WHOLE_BYTES = 16 * 1024 * 1024;

/** SHA-256 of a file as hex digits. */
export async function sha256OfFile(file: Blob): Promise<string> {
  if (file.size <= WHOLE_BYTES) return sha256(await file.arrayBuffer());
  return (await import("./sha256-slices.ts")).sha256OfSlices(file);
}

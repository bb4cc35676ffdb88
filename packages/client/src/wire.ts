import { ProblemError, hasCode } from "./problem.ts";
import { isNetworkFailure } from "./retry.ts";

/**
 * Makes a deletion safe to send again: when its answer was lost, the next attempt finds nothing (404), or after the deletion of the
 * account no session, and that is a success.
 * @param endsSession whether the deletion ends the session that sends it
 */
export function onceGone<T>(send: () => Promise<T>, endsSession: boolean): () => Promise<T> {
  let mayBeDone = false;
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

/** The address without query, fragment and closing slashes. @throws TypeError for what is no URL */
export function baseOf(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/** The document says what an operation answers; the API's own tests hold it to that. What is no JSON is a text, or nothing. */
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

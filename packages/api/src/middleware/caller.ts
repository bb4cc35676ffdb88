import type { Context } from "hono";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import type { Language } from "@gotong/core/platform/language/index.ts";

// A file of its own, without the code that reads the member from the database: errors are also written in code that
// must not load the database.

/**
 * The members of requests whose access token was read. The keys are contexts and not request objects, since reading a
 * body replaces the request object.
 */
export const callers = new WeakMap<Context, Promise<Member | undefined>>();

/**
 * The language of a response: the language that the request prefers, otherwise the language that its member has chosen.
 * If the request is rejected before its access token was read, the token is not read merely to find the language.
 */
export async function languageOf(c: Context): Promise<Language | undefined> {
  const preferred = Actor.language();
  if (preferred !== undefined) return preferred;
  try {
    return (await callers.get(c))?.language;
  } catch {
    return undefined; // the database does not answer, which the problem itself reports
  }
}

import type { Context } from "hono";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import type { Language } from "@gotong/core/platform/language/index.ts";

// Separate from the code that reads the member and needs the database, since problems are also written in code without a database.

/** The members of requests whose access token was read, by context: reading a body replaces the request object. */
export const callers = new WeakMap<Context, Promise<Member | undefined>>();

/**
 * The language of a response: the language that the request prefers, otherwise the language that its member has chosen. If the request is rejected
 * before its member is known, the session is not read for the language.
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

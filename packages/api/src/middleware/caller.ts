import type { Context } from "hono";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import type { Language } from "@gotong/core/platform/language/index.ts";

// Apart from what reads the member, which needs the database: problems are also written where there is none.

/** The members of requests whose access token was read; by context, since reading a body replaces the request of one. */
export const callers = new WeakMap<Context, Promise<Member | undefined>>();

/**
 * The language of an answer: the one that the request prefers, else the one that its member has chosen. A refusal before
 * the member is known reads no session for it.
 */
export async function languageOf(c: Context): Promise<Language | undefined> {
  const preferred = Actor.language();
  if (preferred !== undefined) return preferred;
  try {
    return (await callers.get(c))?.language;
  } catch {
    return undefined; // the database does not answer, which the problem itself says
  }
}

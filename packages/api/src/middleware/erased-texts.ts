import type { Context } from "hono";
import { ERASED_TEXTS, ERASED_WORDS } from "@gotong/core/platform/erased.ts";
import { Language } from "@gotong/core/platform/language/index.ts";
import { callers } from "./caller.ts";
import type { Step } from "./guard.ts";
import { type Made, madeOf, replace } from "./plain-headers.ts";
import { keptByBody } from "./recent-bodies.ts";

const hasErasedWords = keptByBody((body) => ERASED_WORDS.test(body));
/** Whether a text may need a translation. Responses to other methods are not kept: they can contain tokens. */
const needsSearch = (method: string, body: string) =>
  method === "GET" ? hasErasedWords(body) : ERASED_WORDS.test(body);

/**
 * Translates the texts that replace a deleted member's texts into the reader's language. The API does this and not the
 * domain, since lists are cached as JSON for readers of all languages. A response in English is returned unchanged.
 */
export const erasedTexts: Step = {
  after: (c) => {
    const made = madeOf(c);
    if (!made?.body || made.status >= 300) return undefined;
    const preferred = Language.preferred(c.req.header("accept-language"));
    if (preferred === "en" || (preferred === undefined && !callers.has(c)) || !needsSearch(c.req.method, made.body))
      return undefined;
    const found = Object.values(ERASED_TEXTS).filter((text) => made.body?.includes(`:"${text}"`));
    return found.length === 0 ? undefined : translate(c, made, found);
  },
};

async function translate(c: Context, made: Made, found: readonly string[]): Promise<undefined> {
  const language = Language.preferred(c.req.header("accept-language")) ?? (await callers.get(c))?.language ?? "en";
  if (language === "en") return;
  const say = await Language.voice(language);
  let body = made.body ?? "";
  for (const text of found) body = body.replaceAll(`:"${text}"`, () => `:${JSON.stringify(say(text))}`);
  replace(c, { ...made, body });
}

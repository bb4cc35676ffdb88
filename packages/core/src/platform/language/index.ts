import { lazy } from "../lazy.ts";

/** The languages of what members read; English is the one that the code is written in. */
export const LANGUAGES = ["id", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Loaded with the first text in Indonesian. */
const indonesian = lazy(() => import("./translate.ts"));

/** The names of a language in `Accept-Language`; `in` was the code of Indonesian until 1989 and some phones send it. */
const NAMES: Readonly<Record<string, Language>> = { id: "id", in: "id", en: "en" };
/** A header with more ranges than any browser sends is not read to its end. */
const RANGES_MAX = 20;

/**
 * The language that an `Accept-Language` header prefers (RFC 9110 §12.5.4); undefined if it names none of ours, as `*`
 * does.
 */
export function preferred(header: string | undefined): Language | undefined {
  let best: { readonly language: Language; readonly weight: number } | undefined;
  for (const range of header?.split(",", RANGES_MAX) ?? []) {
    const [tag = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const language = NAMES[tag.split("-")[0] ?? ""];
    const weight = Number(parameters.find((one) => one.startsWith("q="))?.slice(2) ?? "1");
    if (language !== undefined && weight > (best?.weight ?? 0)) best = { language, weight };
  }
  return best?.language;
}

/**
 * What turns an English text of ours into a language: the same text for English, and the text itself where it has no
 * translation.
 */
export async function voice(language: Language): Promise<(text: string) => string> {
  if (language === "en") return (text) => text;
  const { translated } = await indonesian();
  return (text) => translated(text) ?? text;
}

/** The texts of problems in Indonesian: see `translate.ts`. */
export const problemTexts = async () => (await indonesian()).problem;

export * as Language from "./index.ts";

import { lazy } from "../lazy.ts";

/** The languages of texts for members. The code contains the English texts. */
export const LANGUAGES = ["id", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The Indonesian texts. They are loaded when the first of them is needed. */
const indonesian = lazy(() => import("./translate.ts"));

/** Our languages by their codes in `Accept-Language`. `in` was the code of Indonesian until 1989, and some phones still send it. */
const NAMES: Readonly<Record<string, Language>> = { id: "id", in: "id", en: "en" };
/** Number of ranges after which an `Accept-Language` header is not read further; no browser sends as many. */
const RANGES_MAX = 20;

/**
 * The language that an `Accept-Language` header prefers (RFC 9110 §12.5.4); undefined if it names none of our languages, as `*` does.
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
 * A function that translates our English texts into a language. It returns the English text itself for English, and for a text without a
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

import type { AppError } from "../error.ts";
import { FIELD_TEXTS, MAILS, PHRASES, TITLES, WORDS } from "./indonesian.ts";
import { EVIDENCE_TEXTS } from "./indonesian-evidence.ts";
import { NOTICES } from "./indonesian-notices.ts";

/** Pattern of a placeholder in a phrase, such as `{0}`. */
const PLACE = /\{(\d)(\*?)\}/g;

const ALL: Readonly<Record<string, string>> = { ...PHRASES, ...MAILS, ...NOTICES, ...EVIDENCE_TEXTS };

interface Pattern {
  readonly matches: RegExp;
  readonly text: string;
}

const escaped = (text: string) => text.replaceAll(/[.*+?^$()[\]|\\]/g, String.raw`\$&`);
/** Phrases with placeholders, the most specific first: `must have at most {0} characters` before `must have at most {0} {1}`. */
const PATTERNS: readonly Pattern[] = Object.entries(ALL)
  .filter(([english]) => english.includes("{0}"))
  .toSorted(([a], [b]) => b.replaceAll(PLACE, "").length - a.replaceAll(PLACE, "").length)
  .map(([english, text]) => ({
    matches: new RegExp(`^${escaped(english).replaceAll(PLACE, "([^]+?)")}$`),
    text,
  }));
const EXACT: ReadonlyMap<string, string> = new Map(Object.entries(ALL));

/** The Indonesian translation of one of our English texts; undefined if it has none. */
export function translated(english: string): string | undefined {
  const exact = EXACT.get(english);
  if (exact !== undefined) return exact;
  for (const { matches, text } of PATTERNS) {
    const found = matches.exec(english);
    if (found)
      return text.replaceAll(PLACE, (_place, index: string, mark: string) => {
        const part = found[Number(index) + 1] ?? "";
        return mark === "" ? part : inWords(part);
      });
  }
  return undefined;
}

/** Translates a part that is itself a phrase, or words in a list, such as the statuses in "open or assigned". Keeps names and numbers. */
const inWords = (part: string): string =>
  translated(part) ?? part.replaceAll(/[a-z_]+/g, (word) => WORDS[word] ?? word);

/** Title, detail and field messages of an error in Indonesian. A text without a translation is replaced by the text of its code. */
export function problem(error: AppError) {
  const title = TITLES[error.code];
  const errors = error.errors.map((one) => ({ ...one, message: translated(one.message) ?? FIELD_TEXTS[one.code] }));
  const [first] = errors;
  const detail = first ? `${first.field}: ${first.message}` : (translated(error.detail) ?? title);
  return { title, detail, errors };
}

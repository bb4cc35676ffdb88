import { formsOf } from "./indonesian.ts";

/** Number of words of a query that are searched in all their forms. A query has at most 200 characters. */
const WORDS_WITH_FORMS = 8;

/** A text in the form that `searchable` of db/columns.ts compares: lower case, without accents, and words only. */
export const plain = (text: string): string => words(text).join(" ");

function words(text: string): string[] {
  return (
    text
      .normalize("NFD")
      .replaceAll(/[\u0300-\u036F]/g, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/**
 * A query for `to_tsquery('simple', …)` that finds texts in which each word of `text` is the beginning of a word. Empty if `text` contains no
 * word. The query contains only letters, digits and the operators added here, so that no text can break its syntax. A word that is the
 * beginning of another word is dropped, so that no part of the index is read twice: `c cr cro` with 20 such words took 180 ms.
 */
export const beginnings = (text: string): string => {
  const all = [...new Set(words(text))];
  return all
    .filter((word) => !all.some((other) => other !== word && other.startsWith(word)))
    .map((word) => `${word}:*`)
    .join(" & ");
};

/**
 * A query like {@link beginnings} for the syntax of search boxes: all words must occur, as beginnings of words and in the forms that
 * Indonesian affixes give them; `"a phrase"` exactly as written; `or`; and `-without`.
 */
export function query(text: string): string {
  const alternatives: string[][] = [[]];
  let forms = 0;
  for (const [token, not, phrase, word] of text.matchAll(/(-?)"([^"]*)"|(\S+)/g)) {
    const [all] = [alternatives.at(-1) ?? []];
    if (/^or$/i.test(token)) {
      if (all.length > 0) alternatives.push([]);
    } else if (word === undefined || word.startsWith("-")) {
      const exact = words(phrase ?? word ?? "").join(" <-> ");
      if (exact !== "") all.push(not === "-" || word !== undefined ? `!(${exact})` : `(${exact})`);
    } else
      for (const one of words(word)) {
        forms += 1;
        const beginnings = forms > WORDS_WITH_FORMS ? [one] : formsOf(one);
        all.push(`(${beginnings.map((beginning) => `${beginning}:*`).join(" | ")})`);
      }
  }
  return alternatives
    .filter((all) => all.length > 0)
    .map((all) => all.join(" & "))
    .join(" | ");
}

export * as Search from "./search.ts";

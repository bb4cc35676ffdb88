import { formsOf } from "./indonesian.ts";

/** A query has at most 200 characters; only so many of its words are searched in all their forms. */
const WORDS_WITH_FORMS = 8;

/** A text as `searchable` of db/columns.ts compares it: lower case, without accents, and words only. */
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
 * A query for `to_tsquery('simple', …)`: texts with a word that begins with each word of `text`. Empty if it has no
 * word. It contains letters, digits and the operators that are set here, so that no text can break its syntax.
 * A word that another one begins with is not repeated, so that no part of the index is read twice: `c cr cro` with 20 of them took 180 ms.
 */
export const beginnings = (text: string): string => {
  const all = [...new Set(words(text))];
  return all
    .filter((word) => !all.some((other) => other !== word && other.startsWith(word)))
    .map((word) => `${word}:*`)
    .join(" & ");
};

/**
 * The same for a search with the syntax of search boxes: all words must occur, as beginnings of words and in the forms
 * that Indonesian affixes give them; `"a phrase"` as it is written, `or`, and `-without`.
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

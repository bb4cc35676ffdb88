/** The words of a text as `searchable` of db/columns.ts compares them: lower case, without accents and signs. */
export function words(text: string): string[] {
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
 */
export const beginnings = (text: string): string =>
  words(text)
    .map((word) => `${word}:*`)
    .join(" & ");

export * as Search from "./search.ts";

/** Lengths and cuts of strings in Unicode code points, which PostgreSQL and JSON Schema count, instead of UTF-16 units. */

/** The number of characters in a string. */
export function count(text: string): number {
  let characters = text.length;
  for (let at = 0; at < text.length; at += 1) if ((text.codePointAt(at) ?? 0) > 0xff_ff) characters -= 1;
  return characters;
}

/** Whether a string has at most `most` characters; reads no more of it than necessary. */
export const isAtMost = (text: string, most: number): boolean =>
  text.length <= most || (text.length <= 2 * most && count(text) <= most);

/** The first `most` characters of a string. Never splits a surrogate pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  let [units, left] = [0, most];
  for (const character of text) {
    if (left === 0) break;
    left -= 1;
    units += character.length;
  }
  return text.slice(0, units);
}

/** The string without the characters that PostgreSQL cannot store: replaces NUL by `instead`, and lone surrogates by U+FFFD. */
export const storable = (text: string, instead = ""): string => text.replaceAll("\0", instead).toWellFormed();

export * as Characters from "./characters.ts";

/** Rules about the visibility of characters. Properties are those of Unicode (UAX #44). */

/**
 * Pattern of a visible character: a letter, number, punctuation mark or symbol. Excludes characters of these classes
 * that are rendered without a glyph: default ignorable characters (such as the Hangul fillers, which are letters), the
 * empty Braille pattern and the null notehead.
 */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800\u{1D159}])[\p{L}\p{N}\p{P}\p{S}]/u;

/** Whether a text has a visible character: a text of zero-width spaces, soft hyphens, fillers and tags has no content. */
export const hasVisibleCharacter = (text: string): boolean => VISIBLE.test(text);

/** Characters that change the direction of the text after them (UAX #9). With them `exe.gpj` is displayed as `jpg.exe`. */
const DIRECTION_CHANGES = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

export const changesDirection = (text: string): boolean => DIRECTION_CHANGES.test(text);

const ISOLATES = "\u2066\u2067\u2068";
const EMBEDDINGS = "\u202A\u202B\u202D\u202E";
const [POP_ISOLATE, POP_EMBEDDING] = ["\u2069", "\u202C"];

/** Whether each direction change is closed within its own paragraph, and nothing is closed that was not opened. */
export function isBalanced(text: string): boolean {
  if (!DIRECTION_CHANGES.test(text)) return true;
  return text.split(/[\n\r\u0085\u2029]/u).every((paragraph) => {
    const open: string[] = [];
    for (const character of paragraph) {
      if (ISOLATES.includes(character)) open.push(POP_ISOLATE);
      else if (EMBEDDINGS.includes(character)) open.push(POP_EMBEDDING);
      else if ((character === POP_ISOLATE || character === POP_EMBEDDING) && open.pop() !== character) return false;
    }
    return open.length === 0;
  });
}

/** Flags such as England's and Scotland's, the only valid use of tag characters (UTS #51, emoji tag sequences). */
const TAGGED_FLAG = /\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}/gu;
const TAG = /[\u{E0000}-\u{E007F}]/u;
/** A variation selector without a character to modify, or after another one: it may carry hidden data. */
const STRAY_SELECTOR = /(^|[\s\p{Cc}\p{Cf}\p{Variation_Selector}])\p{Variation_Selector}/u;

/** Deprecated format characters, and the marks around invisible annotations (Unicode 16, §23.2 and §23.8). */
const FORMAT = /[\u206A-\u206F\uFFF9-\uFFFB]/u;

/** Whether a text contains data that readers cannot see but programs can read. */
export const hasHiddenData = (text: string): boolean =>
  FORMAT.test(text) || STRAY_SELECTOR.test(text) || (TAG.test(text) && TAG.test(text.replaceAll(TAGGED_FLAG, "")));

/** Line breaks and tabs, with which one name in a list would look like several. */
const BREAKS = /[\t\n\r\u0085\u2028\u2029]/u;
/** A stack of combining marks that is higher than any script needs, and covers the lines above and below. */
const MARK_STACK = /(?:(?!\p{Default_Ignorable_Code_Point})\p{M}){9}/u;

export const breaksLists = (text: string): boolean => BREAKS.test(text) || MARK_STACK.test(text);

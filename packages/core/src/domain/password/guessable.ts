import { positionsOf } from "./bloom.ts";
import { COMMON } from "./common-passwords.ts";

/** Minimum number of characters that a password must have after its guessable parts are removed. */
const OWN_CHARACTERS = 4;
/** Maximum length of a string whose repetition makes a guessable password. */
const LONGEST_REPEATED = 7;
/** Share of steps from one character to a neighbour above which a password counts as a keyboard or alphabet walk. */
const WALK = 0.75;

const ROWS = ["1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"];
const MONTHS =
  /januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember|january|february|march|may|june|july|august|october|december/g;
const YEAR = String.raw`(?:19|20)\d\d`;
/** Patterns of a month and a day. Two digits match before one digit: in `1987-1-15` the day is 15. */
const [MONTH, DAY] = [String.raw`(?:1[0-2]|0?[1-9])`, String.raw`(?:[12]\d|3[01]|0?[1-9])`];
const [TWO_DIGIT_MONTH, TWO_DIGIT_DAY] = [String.raw`(?:0[1-9]|1[0-2])`, String.raw`(?:0[1-9]|[12]\d|3[01])`];
const BETWEEN = "[-/. ]";
const DATES = new RegExp(
  [
    YEAR + BETWEEN + MONTH + BETWEEN + DAY,
    YEAR + TWO_DIGIT_MONTH + TWO_DIGIT_DAY,
    String.raw`${DAY + BETWEEN + MONTH + BETWEEN}(?:${YEAR}|\d\d)`,
    String.raw`${TWO_DIGIT_DAY + TWO_DIGIT_MONTH}(?:${YEAR}|\d\d)`,
    YEAR,
  ].join("|"),
  "g",
);
/**
 * Digits and punctuation of a keyboard. Letters of other scripts and emoji do not count as padding, since a member
 * chose them.
 */
const PADDING_BEFORE = /^[ -`{-~]+/;
const PADDING_AFTER = /[ -`{-~]+$/;
const SIGNS = /[ -/:-@[-`{-~]/g;
const LEET: Readonly<Record<string, string>> = { "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", $: "s" };

/**
 * Letters of common keyboards that look like Latin letters (https://www.unicode.org/Public/security/latest/confusables.txt): two rows,
 * with each letter above its Latin counterpart.
 */
const [LOOKALIKES, LATIN] = [
  "авекмнорстухгіјѕһԁԛԝьпидβαεικνορτυχγησωıłøđ",
  "abekmhopctyxrijshdqwbnudbaeikvoptuxynowilod",
];

let filter: Buffer | undefined;

/** Whether a string is in the list of common passwords. False positives: about one in 700,000. */
export function isCommon(text: string): boolean {
  // Skips longer strings, which no entry matches, so that a long passphrase is never a false positive.
  if (text.length > COMMON.longest) return false;
  filter ??= Buffer.from(COMMON.base64, "base64");
  const bytes = filter;
  return positionsOf(text, COMMON.bits, COMMON.hashes).every((at) => ((bytes[at >> 3] ?? 0) & (1 << (at & 7))) !== 0);
}

/**
 * Reduces a password to its appearance: without marks on letters and invisible characters, in lower case, with Latin letters in place of
 * look-alikes from other scripts. `pаsswörd` with a Cyrillic `а` is as guessable as `password`.
 */
export function asItLooks(password: string): string {
  return password
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, "")
    .replaceAll(/./gu, (character) => LATIN[LOOKALIKES.indexOf(character)] ?? character);
}

/**
 * Whether a password is among the first that an attacker tries: one or two common words, also with digits and
 * punctuation around them or in place of letters; a repeated short string; an alphabet or keyboard walk; dates; words
 * of the context.
 * @param plain see {@link asItLooks}
 * @param context words known to everyone on this stage, in lower case
 */
export function isGuessable(plain: string, context: readonly string[]): boolean {
  return (
    new Set(plain).size < 4 ||
    isRepeated(plain) ||
    isWalk(plain) ||
    isDates(plain) ||
    coresOf(plain).some((core) => isOneOrTwoCommon(core) || isContext(core, context))
  );
}

function isRepeated(plain: string): boolean {
  for (let period = 1; period <= LONGEST_REPEATED && period * 2 <= plain.length; period += 1)
    if (plain.slice(period) === plain.slice(0, -period)) return true;
  return false;
}

function isWalk(plain: string): boolean {
  let steps = 0;
  for (let at = 1; at < plain.length; at += 1) if (isStep(plain[at - 1] ?? "", plain[at] ?? "")) steps += 1;
  return steps >= (plain.length - 1) * WALK;
}

/** Whether the second character is the same as the first, its neighbour in the alphabet, or on a neighbouring key. */
function isStep(from: string, to: string): boolean {
  if (/^[a-z0-9]{2}$/.test(from + to) && Math.abs(from.charCodeAt(0) - to.charCodeAt(0)) <= 1) return true;
  const [a, b] = [keyOf(from), keyOf(to)];
  return a !== undefined && b !== undefined && Math.abs(a.row - b.row) <= 1 && Math.abs(a.column - b.column) <= 1;
}

function keyOf(character: string): { readonly row: number; readonly column: number } | undefined {
  const row = ROWS.findIndex((keys) => keys.includes(character));
  return row === -1 ? undefined : { row, column: ROWS[row]?.indexOf(character) ?? 0 };
}

function isDates(plain: string): boolean {
  const [own, dated] = [plain.replaceAll(MONTHS, ""), plain.replaceAll(MONTHS, "").replaceAll(DATES, "")];
  if (own === plain && dated === plain) return false;
  return dated.replaceAll(SIGNS, "").replaceAll(/^\d{1,2}|\d{1,2}$/g, "").length < OWN_CHARACTERS;
}

/**
 * A password's letters without the padding around and between them, both as written and with substitutions (leet)
 * reversed.
 */
function coresOf(plain: string): readonly string[] {
  const ends = [plain, plain.replace(PADDING_AFTER, ""), plain.replace(PADDING_BEFORE, "").replace(PADDING_AFTER, "")];
  const read = ends.flatMap((text) => [text, unleet(text, "i"), unleet(text, "l")]);
  return [...new Set([...read, ...read.map((text) => text.replaceAll(SIGNS, ""))])].filter((core) => core !== "");
}

const unleet = (text: string, one: string) => text.replaceAll(/[03457@$1!]/g, (sign) => LEET[sign] ?? one);

function isOneOrTwoCommon(core: string): boolean {
  if (core.length >= OWN_CHARACTERS && isCommon(core)) return true;
  for (let at = OWN_CHARACTERS; at <= core.length - OWN_CHARACTERS; at += 1)
    if (isCommon(core.slice(0, at)) && isCommon(core.slice(at))) return true;
  return false;
}

function isContext(core: string, context: readonly string[]): boolean {
  const own = context.reduce((left, word) => left.replaceAll(word, ""), core);
  if (own === core) return false;
  const rest = own.replaceAll(/[^a-z]/g, "");
  return rest.length < OWN_CHARACTERS || isCommon(rest);
}

export * as Guessable from "./guessable.ts";

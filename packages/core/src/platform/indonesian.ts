/**
 * Indonesian words and their affixes, as far as a search needs them. The rules for nasal prefixes follow Sneddon et al., Indonesian Reference
 * Grammar, §1.4 to §1.6.
 */

/** Minimum length of a root. Below it, `ke-an` and `pe-an` would match most words. */
const ROOT_MIN = 3;
/** Minimum length of a root that was guessed by cutting affixes. */
const GUESSED_MIN = 4;

const SUFFIXES = [/kan$/, /an$/, /i$/, /nya$/, /lah$/, /kah$/, /ku$/, /mu$/];
const PLAIN_PREFIXES = ["memper", "diper", "di", "ke", "se", "ter", "ber", "be", "per"];
/** The only root before which `ber-` and `pe-` get an `l`: belajar, pelajaran. */
const WITH_L = "ajar";

/** The nasals that `me-` and `pe-` get before a root, each with the part of the root that remains. */
function nasal(root: string): readonly (readonly [nasal: string, rest: string])[] {
  const [first = ""] = root;
  const rest = root.slice(1);
  if (/^(ny|ng|[lmnrwy])/.test(root)) return [["", root]];
  if (first === "p") return [["m", rest]];
  if (/^[bfv]/.test(root)) return [["m", root]];
  if (first === "t") return [["n", rest]];
  if (/^[cdjz]|^sy/.test(root)) return [["n", root]];
  if (first === "k" && !root.startsWith("kh")) return [["ng", rest]];
  if (first === "s") return [["ny", rest]];
  // A root of one syllable takes `menge-`: mengecat.
  return [["ng", root]];
}

/**
 * Prefixes with a nasal, each with the letters that the nasal may have replaced at the beginning of the root; an empty
 * string means no letter.
 */
const TAKEN: readonly (readonly [prefix: RegExp, taken: readonly string[]])[] = [
  [/^(me|pe)ny(?=[aiueo])/, ["s"]],
  [/^(me|pe)nge(?=[^aiueo])/, ["", "ke", "e"]],
  [/^(me|pe)ng(?=[aiueo])/, ["", "k"]],
  [/^(me|pe)ng(?=[^aiueo])/, [""]],
  [/^(me|pe)n(?=[aiueo])/, ["t", "n"]],
  [/^(me|pe)n(?=[cdjzs])/, [""]],
  [/^(me|pe)m(?=[aiueo])/, ["p", "m"]],
  [/^(me|pe)m(?=[bfvp])/, [""]],
  [/^(me|pe)(?=[lmnrwy])/, [""]],
  [/^(memper|diper|keber|pel|bel)/, [""]],
  [/^(di|ke|se|ter|ber|per)/, [""]],
];

/** The word, and its possible roots without affixes: `membersihkan` gives `bersih` as well. */
function rootsOf(word: string): Set<string> {
  const roots = new Set([word]);
  const guess = (root: string) => {
    if (root.length >= GUESSED_MIN) roots.add(root);
  };
  const stems = [word, ...SUFFIXES.filter((suffix) => suffix.test(word)).map((suffix) => word.replace(suffix, ""))];
  for (const stem of stems) {
    if (stem !== word) guess(stem);
    for (const [prefix, taken] of TAKEN) {
      if (!prefix.test(stem)) continue;
      const rest = stem.replace(prefix, "");
      for (const letters of taken) guess(letters + rest);
    }
  }
  return roots;
}

/**
 * The beginnings of words to search for: the word, its root, and the root after each Indonesian prefix that it can
 * have. No form has a suffix, since the search matches beginnings of words. `bersih` and `dibersihkan` both give
 * `bersih`, `membersih`, `pembersih`, `dibersih` and so on.
 * @param word in lower case, without accents
 */
export function formsOf(word: string): string[] {
  if (word.length < ROOT_MIN || !/^[a-z]+$/.test(word)) return [word];
  const forms = new Set<string>();
  for (const root of rootsOf(word)) {
    forms.add(root);
    for (const prefix of root === WITH_L ? [...PLAIN_PREFIXES, "bel", "pel"] : PLAIN_PREFIXES) forms.add(prefix + root);
    for (const [sound, rest] of nasal(root)) for (const first of ["me", "pe"]) forms.add(first + sound + rest);
    if (root.length <= 4) for (const first of ["menge", "penge"]) forms.add(first + root);
  }
  return [...forms];
}

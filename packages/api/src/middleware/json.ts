/** Deeper than any field of the contract, and far from what would exhaust a parser. */
export const DEPTH_LIMIT = 32;

/** As literals. What handles objects here would leave such members out without a word, to be safe from what they can do. */
const RESERVED: ReadonlySet<string> = new Set(['"__proto__"', '"constructor"', '"prototype"']);

/**
 * What a JSON text does that parsers disagree on or choke on: it nests too deeply, names a member twice, of which one
 * reader takes the first and another the last (RFC 8259 §4), or names one as JavaScript names its own. Not a parser: a text that is no JSON is refused by one later.
 */
export function flawOf(text: string): "depth" | "duplicate" | "reserved" | undefined {
  const open: (Set<string> | undefined)[] = []; // the names of each object that is open; undefined for a list
  let isName = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (isName && names) {
        const name = decode(text.slice(at, end));
        if (names.has(name)) return "duplicate";
        if (RESERVED.has(name)) return "reserved";
        names.add(name);
        isName = false;
      }
      at = end - 1;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
      if (open.length > DEPTH_LIMIT) return "depth";
      isName = character === "{";
    } else if (character === "}" || character === "]") {
      open.pop();
      isName = false;
    } else if (character === ",") {
      isName = open.at(-1) !== undefined;
    }
  }
  return undefined;
}

/** Where the string that begins at `start` is over. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** `"\u0061"` and `"a"` are one name. */
function decode(literal: string): string {
  if (!literal.includes("\\")) return literal;
  try {
    return JSON.stringify(JSON.parse(literal));
  } catch {
    return literal;
  }
}

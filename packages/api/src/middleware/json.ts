/** Maximum nesting of a body: deeper than any field of the contract, and far below the depth that would exhaust a parser. */
export const DEPTH_LIMIT = 32;
/**
 * Maximum number of members of an object: more than 16 KiB of metadata can contain. Without this limit a body of 1 MiB with 80,000 members takes
 * 120 ms of CPU time to compare the names, to parse and to reject.
 */
export const MEMBERS_LIMIT = 4_000;

/** Reserved member names as JSON strings. valibot and Object.fromEntries silently drop such members to prevent prototype pollution. */
const RESERVED: ReadonlySet<string> = new Set(['"__proto__"', '"constructor"', '"prototype"']);

/**
 * Finds flaws that could exhaust a parser, or that different parsers treat differently: deep nesting, very many
 * members, duplicate members (some parsers take the first, some the last; RFC 8259 §4), and reserved names. Does not
 * validate the JSON: the parser rejects invalid JSON later.
 */
export function findJsonFlaw(text: string): "depth" | "members" | "duplicate" | "reserved" | undefined {
  const open: (Set<string> | undefined)[] = []; // the names of each open object; undefined for an array
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
        if (names.size > MEMBERS_LIMIT) return "members";
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

/** The index after the end of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** Normalises escapes in a name: `"\u0061"` and `"a"` are the same name. */
function decode(literal: string): string {
  if (!literal.includes("\\")) return literal;
  try {
    return JSON.stringify(JSON.parse(literal));
  } catch {
    return literal;
  }
}

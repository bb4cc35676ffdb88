/** Matches the tokens of valid JSON, apart from true, false and null. */
const TOKENS = /"(?:[^"\\]+|\\.)*"|[{}[\]:]|-?\d[\d.eE+-]*/g;
/** Number of significant digits that a number of JavaScript keeps. */
const MOST_DIGITS = 17;

/**
 * Parses JSON that all programs read in the same way. `JSON.parse` keeps the last of several fields with the same name, and rounds long numbers: a
 * person who looks into the file, or another program, may see another value than the one that was checked.
 * @throws SyntaxError for text that is not JSON, or is ambiguous; its message names the field or the number
 */
export function parseStrictly(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const open: Set<string>[] = [];
  let before = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") {
      const name = String(JSON.parse(before));
      if (open.at(-1)?.has(name)) throw new SyntaxError(`the field ${before} occurs twice in one object`);
      open.at(-1)?.add(name);
    } else if (!token.startsWith('"') && digitsOf(token) > MOST_DIGITS)
      throw new SyntaxError(`the number ${token} has more digits than can be compared`);
    before = token;
  }
  return value;
}

const digitsOf = (number: string) =>
  number
    .replace(/[eE].*/, "")
    .replaceAll(/^-|\./g, "")
    .replace(/^0+/, "").length;

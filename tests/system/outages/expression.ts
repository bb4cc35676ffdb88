// Evaluates metric maths of CloudWatch, as far as our alarms use it: arithmetic, comparisons, AND, OR, IF, FILL, MAX and SUM
// over arrays. Evaluates one period at a time: a missing value is undefined, and so is a result computed from it.

type Value = number | undefined;
type Names = Readonly<Record<string, Value>>;

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z][A-Za-z0-9_]*|>=|<=|==|[-+*/()[\],><])/y;

/**
 * The value of `expression` in one period.
 * @throws Error for unsupported syntax
 */
export function evaluateExpression(expression: string, names: Names): Value {
  const tokens = tokenise(expression);
  let at = 0;
  const peek = () => tokens[at];
  const next = () => tokens[at++] ?? "";
  const expect = (token: string) => {
    const found = next();
    if (found !== token) throw new Error(`${token} was expected in ${expression}, not ${found}`);
  };
  const binary = (
    operators: Readonly<Record<string, (a: number, b: number) => Value>>,
    operand: () => Value,
  ): Value => {
    let left = operand();
    for (;;) {
      const token = peek() ?? "";
      const apply = Object.hasOwn(operators, token) ? operators[token] : undefined;
      if (!apply) return left;
      next();
      const right = operand();
      left = left === undefined || right === undefined ? undefined : apply(left, right);
    }
  };
  const list = (close: string): Value[] => {
    const values: Value[] = [];
    while (peek() !== close) {
      values.push(either());
      if (peek() === ",") next();
    }
    expect(close);
    return values;
  };
  const call = (name: string): Value => {
    if (name === "MAX" || name === "SUM") {
      expect("[");
      const values = list("]").filter((value) => value !== undefined);
      expect(")");
      if (values.length === 0) return undefined;
      return name === "MAX" ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0);
    }
    const [first, second, third] = list(")");
    if (name === "FILL") return first ?? second;
    if (name === "IF") return first === undefined ? undefined : first === 0 ? third : second;
    throw new Error(`${name} is not known`);
  };
  const atom = (): Value => {
    const token = next();
    if (token === "(") {
      const value = either();
      expect(")");
      return value;
    }
    if (/^\d/.test(token)) return Number(token);
    if (peek() === "(") {
      next();
      return call(token);
    }
    if (Object.hasOwn(names, token)) return names[token];
    throw new Error(`${token} has no meaning in ${expression}`);
  };
  const product = () => binary({ "*": (a, b) => a * b, "/": (a, b) => (b === 0 ? undefined : a / b) }, atom);
  const sum = () => binary({ "+": (a, b) => a + b, "-": (a, b) => a - b }, product);
  const comparison = () =>
    binary(
      {
        ">=": (a, b) => Number(a >= b),
        "<=": (a, b) => Number(a <= b),
        "==": (a, b) => Number(a === b),
        ">": (a, b) => Number(a > b),
        "<": (a, b) => Number(a < b),
      },
      sum,
    );
  const both = () => binary({ AND: (a, b) => Number(a !== 0 && b !== 0) }, comparison);
  const either = (): Value => binary({ OR: (a, b) => Number(a !== 0 || b !== 0) }, both);
  const value = either();
  if (at < tokens.length) throw new Error(`${expression} goes on with ${peek()}`);
  return value;
}

function tokenise(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const found = TOKEN.exec(expression)?.[1];
    if (found === undefined) throw new Error(`${expression} cannot be read`);
    tokens.push(found);
  }
  return tokens;
}

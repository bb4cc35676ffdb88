import * as v from "valibot";

const Node = v.record(v.string(), v.unknown());
type Node = v.InferOutput<typeof Node>;

/**
 * The contract with clients, one line per fact. Lines with `op`, `accepts` and `gives` may be added but not removed; lines with `requires` may be
 * removed but not added to an existing operation.
 */
export function shapeOf(document: unknown): string[] {
  const root = toNode(document);
  const lines: string[] = [];
  for (const [path, methods] of Object.entries(toNode(root["paths"]))) {
    for (const [method, value] of Object.entries(toNode(methods))) {
      const operation = toNode(value);
      const name = `${method.toUpperCase()} ${path}`;
      lines.push(`op ${name} ${String(operation["operationId"])}`);
      for (const one of toList(operation["parameters"])) {
        const parameter = resolve(root, toNode(one));
        const where = `${name} ${String(parameter["in"])}.${String(parameter["name"])}`;
        lines.push(`accepts ${where}`);
        if (parameter["required"] === true) lines.push(`requires ${where}`);
        lines.push(...fields(root, toNode(parameter["schema"]), where, "accepts"));
      }
      const body = toNode(toNode(toNode(operation["requestBody"])["content"])["application/json"]);
      lines.push(...fields(root, toNode(body["schema"]), `${name} body`, "accepts"));
      for (const [status, answer] of Object.entries(toNode(operation["responses"]))) {
        const { content: types, links } = resolve(root, toNode(answer));
        const content = toNode(types);
        if (Number(status) >= 400) continue;
        lines.push(`gives ${name} ${status}`);
        lines.push(...Object.keys(toNode(links)).map((link) => `gives ${name} ${status} link.${link}`));
        const schema = toNode(toNode(content["application/json"])["schema"]);
        lines.push(...fields(root, schema, `${name} ${status}`, "gives"));
      }
    }
  }
  return [...new Set(lines)].toSorted();
}

/** The breaking changes from `before` to `after`: removed lines, and new `requires` lines of existing operations. */
export function breakages(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  const isKnown = (line: string) =>
    before.some((one) => one.startsWith(`op ${line.split(" ").slice(1, 3).join(" ")} `));
  const lost = before.filter((line) => !line.startsWith("requires ") && !now.has(line));
  const demanded = after.filter((line) => line.startsWith("requires ") && !old.has(line) && isKnown(line));
  return [...lost.map((line) => `gone: ${line}`), ...demanded.map((line) => `new: ${line}`)];
}

function fields(root: Node, schema: Node, where: string, verb: "accepts" | "gives", depth = 0): string[] {
  const node = resolve(root, schema);
  if (depth > 6) return [];
  const inner = (child: unknown, place: string) => fields(root, toNode(child), place, verb, depth + 1);
  const variants = [...toList(node["anyOf"]), ...toList(node["oneOf"])];
  if (variants.length > 0) return variants.flatMap((variant) => inner(variant, where));
  const lines = toList(node["type"] === undefined ? [] : [node["type"]].flat()).map(
    (type) => `${verb} ${where}:${String(type)}`,
  );
  for (const value of toList(node["enum"])) if (verb === "accepts") lines.push(`${verb} ${where}=${String(value)}`);
  const required = toList(node["required"]);
  for (const [name, child] of Object.entries(toNode(node["properties"]))) {
    if (verb === "accepts" && required.includes(name) && variants.length === 0) lines.push(`requires ${where}.${name}`);
    lines.push(...inner(child, `${where}.${name}`));
  }
  return [...lines, ...inner(node["items"], `${where}[]`)];
}

function resolve(root: Node, node: Node): Node {
  const { $ref } = node;
  if (typeof $ref !== "string") return node;
  return $ref
    .slice(2)
    .split("/")
    .reduce((at, step) => toNode(at[step]), root);
}

const toNode = (value: unknown): Node => (v.is(Node, value) ? value : {});
const toList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

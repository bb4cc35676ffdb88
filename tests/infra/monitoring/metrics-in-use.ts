import { DEFINITIONS } from "@gotong/core/platform/metrics/definitions.ts";

const NAME = /\b(?:[a-z]+_)+[a-z]+\b/g;
const FUNCTIONS = /\b(?:histogram_quantile|min_over_time)\b/g;

/**
 * Returns the parts of an expression that no process exports: unknown metrics or labels, or `_bucket` of a metric
 * that is not a histogram.
 */
export function unknownIn(expression: string, recorded: ReadonlySet<string>): string[] {
  const plain = expression.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[[^\]]*\]/g, "");
  const byRule = [...plain.matchAll(/\bgotong:[\w:]+/g)].map(([name]) => name).filter((name) => !recorded.has(name));
  const withoutRules = plain.replaceAll(/\bgotong:[\w:]+/g, "").replaceAll(FUNCTIONS, "");
  const names = metricsOf(expression);
  const labels = new Set(names.flatMap((name) => labelsOf(name)));
  const asked = [...withoutRules.matchAll(/by \(([^)]*)\)|\{([^}]*)\}/g)].flatMap(([, by = "", selector = ""]) => [
    ...by.split(","),
    ...selector.split(",").map((pair) => pair.replace(/[=!].*/, "")),
  ]);
  return [
    ...byRule,
    ...[...withoutRules.replaceAll(/by \([^)]*\)|\{[^}]*\}/g, "").matchAll(NAME)]
      .map(([name]) => name)
      .filter((name) => definitionOf(name) === undefined),
    ...asked.map((label) => label.trim()).filter((label) => label !== "" && !labels.has(label)),
  ];
}

/** Returns the platform's metrics that an expression uses. */
export function metricsOf(expression: string): string[] {
  return [...expression.matchAll(NAME)].flatMap(([name]) => definitionOf(name) ?? []);
}

function definitionOf(name: string): keyof typeof DEFINITIONS | undefined {
  return keys().find((key) =>
    DEFINITIONS[key].type === "histogram" ? name === `${key}_bucket` || name === `${key}_sum` : name === key,
  );
}

function labelsOf(name: string): string[] {
  const key = keys().find((each) => each === name);
  if (key === undefined) return [];
  return [...DEFINITIONS[key].labels, ...(DEFINITIONS[key].type === "histogram" ? ["le"] : [])];
}

const keys = () => Object.keys(DEFINITIONS).filter((key): key is keyof typeof DEFINITIONS => key in DEFINITIONS);

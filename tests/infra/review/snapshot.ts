import { flatten } from "../../../infra/evaluate/flatten.ts";
import type { Evaluation, Resource } from "../../../infra/evaluate/resource.ts";

/**
 * Parts that the snapshot omits, each with a reason; it contains all other inputs of a deployment.
 * - SST's components and links, and Pulumi's own resources, are not in the cloud.
 * - The permissions of roles are in permissions.md.
 * - Tags are SST's, the same on every resource.
 * - SST sets variables of each function to find its links, and the place to which it uploads code.
 */
const LEFT_OUT_TYPES = /^(sst|pulumi):|^pulumi-nodejs:|^aws:s3\/bucketObjectv2/;
const LEFT_OUT_INPUTS = [
  /^(inlinePolicies|assumeRolePolicy)\b/,
  /^tags(All)?\b/,
  /^environment\.variables\.SST_/,
  /^(code|s3Bucket|s3Key|sourceCodeHash)\b/,
];

type Shown = ReadonlyMap<string, ReadonlyMap<string, string>>;

function shown({ resources }: Evaluation): Shown {
  const kept = resources.filter(({ type }) => !LEFT_OUT_TYPES.test(type));
  return new Map(kept.map((resource) => [`${resource.type} ${resource.name}`, linesOf(resource)]));
}

function linesOf({ inputs, options }: Resource): ReadonlyMap<string, string> {
  const kept = [...flatten(inputs)].filter(([path]) => !LEFT_OUT_INPUTS.some((pattern) => pattern.test(path)));
  const flags = [
    ["(protect)", options.protect],
    ["(retain on delete)", options.retainOnDelete],
    ["(region)", options.region],
    ["(ignored changes)", options.ignoreChanges.join(", ")],
  ] as const;
  return new Map([
    ...kept,
    ...flags.flatMap(([name, value]): [string, string][] => (value ? [[name, String(value)]] : [])),
  ]);
}

/** Formats every resource of an evaluation with its inputs, one per line. */
export function whole(evaluation: Evaluation): string {
  const blocks = [...shown(evaluation)].map(([title, lines]) =>
    [title, ...[...lines].map(([path, value]) => `  ${path}: ${value}`)].join("\n"),
  );
  return `${blocks.join("\n")}\n`;
}

/**
 * Formats the differences from another evaluation: `-` only in the other one, `+` only in this one, `~` in both with
 * different inputs.
 */
export function difference(evaluation: Evaluation, base: Evaluation): string {
  const [own, other] = [shown(evaluation), shown(base)].map((all, index) =>
    index === 0 ? all : renamed(all, base, evaluation),
  );
  if (!own || !other) return "";
  const titles = [...new Set([...own.keys(), ...other.keys()])].toSorted();
  const lines = titles.flatMap((title) => {
    const [mine, theirs] = [own.get(title), other.get(title)];
    if (!mine) return [`- ${title}`];
    const more = [...mine]
      .filter(([path, value]) => theirs?.get(path) !== value)
      .map(([path, value]) => `    ${path}: ${value}`);
    const less = [...(theirs ?? [])].filter(([path]) => !mine.has(path)).map(([path]) => `    ${path}: (none)`);
    if (!theirs) return [`+ ${title}`, ...more];
    return more.length + less.length === 0 ? [] : [`~ ${title}`, ...more, ...less];
  });
  return `As ${base.variant.id}, but for:\n${lines.join("\n")}\n`;
}

/** Replaces the other stage's name, which must not count as a difference. */
function renamed(all: Shown, from: Evaluation, to: Evaluation): Shown {
  const rename = (text: string) => text.replaceAll(new RegExp(`\\b${from.variant.stage}\\b`, "g"), to.variant.stage);
  return new Map(
    [...all].map(([title, lines]) => [title, new Map([...lines].map(([path, value]) => [path, rename(value)]))]),
  );
}

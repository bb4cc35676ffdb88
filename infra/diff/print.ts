import { type Change, isLoss } from "./compare.ts";

const SIGNS = { create: "+", change: "~", replace: "±", "may replace": "±?", delete: "-" } as const;

/** Formats the changes of one stage as text; permanent losses are in capitals. */
export function print(stage: string, changes: readonly Change[]): string {
  if (changes.length === 0) return `${stage}: no difference\n`;
  const counts = [...Map.groupBy(changes, ({ kind }) => kind)].map(([kind, all]) => `${all.length} ${kind}`);
  return [`${stage}: ${counts.join(", ")}`, ...changes.flatMap(linesOf), ""].join("\n");
}

function linesOf(change: Change): string[] {
  const { kind, type, name, properties, loss, kept } = change;
  const what = `${kind} ${type} ${name}`;
  const title = isLoss(change) ? `${what.toUpperCase()}: ${loss?.toUpperCase()} WOULD BE LOST` : what;
  const stays = kept === undefined || kind === "create" || kind === "change" ? "" : ` (${KEPT[kept]})`;
  return [
    `  ${SIGNS[kind]} ${title}${stays}`,
    ...properties.map(
      ({ path, before, after, forces }) =>
        `      ${path}: ${before ?? "(none)"} → ${after ?? "(none)"}${forces === "no" ? "" : ` [${FORCES[forces]}]`}`,
    ),
  ];
}

const KEPT = {
  protect: "protected: the deployment would refuse",
  retain: "the old one would stay behind, and nothing would use it",
} as const;
const FORCES = { yes: "replaces it", perhaps: "may replace it" } as const;

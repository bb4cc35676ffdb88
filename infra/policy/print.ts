import { CONCERNS, RULES } from "./rules/index.ts";
import { WAIVERS } from "./waivers.ts";

// npm run infra -- policy prints every rule by concern, and every waiver.
const lines = Object.entries(CONCERNS).flatMap(([concern, rules]) => [
  `${concern} (${rules.length})`,
  ...rules.map(({ id, says, source, scope }) => `  ${id}: ${says} [${scope.label}; ${source}]`),
  "",
]);
const waivers = WAIVERS.map(
  ({ rule, resource, stage, reason, expires }) => `  ${rule}: ${resource} in ${stage} until ${expires}: ${reason}`,
);
process.stdout.write([...lines, `${RULES.length} rules, ${WAIVERS.length} waivers:`, ...waivers, ""].join("\n"));

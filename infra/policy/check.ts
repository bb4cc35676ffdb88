import type { Context, Resource } from "./resource.ts";
import type { Rule } from "./rule.ts";
import type { Waiver } from "./waivers.ts";

/** A violation: a resource that breaks a rule. */
export interface Finding {
  readonly rule: string;
  /** Type token of the resource. */
  readonly type: string;
  /** Logical name of the resource; `(none)` if the violation is that a resource is missing. */
  readonly resource: string;
  /** The stage, or its variant, in the form of {@link Context}. */
  readonly stage: string;
  readonly message: string;
}

/** Returns the violations of one rule in one stage. */
export function findingsOf(rule: Rule, resources: readonly Resource[], context: Context): Finding[] {
  if (!rule.scope.includes(context)) return [];
  return rule.offenders(resources, context).map(({ type, name }) => ({
    rule: rule.id,
    type,
    resource: name,
    stage: context.label,
    message: `${rule.says} (${rule.source})`,
  }));
}

/** Returns whether a name matches a pattern, in which `*` matches any string; all other characters are literal. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split("*").map(escape).join(".*")}$`).test(name);
const escape = (part: string) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Returns whether a waiver matches a violation, whether the waiver is expired or not. */
const covers = (waiver: Waiver, finding: Finding): boolean =>
  waiver.rule === finding.rule && matches(waiver.resource, finding.resource) && matches(waiver.stage, finding.stage);

/** Returns whether a waiver is still valid; the date is inclusive, in UTC. */
const isInForce = ({ expires }: Waiver, now: Date): boolean => now.toISOString().slice(0, 10) <= expires;

/** Divides violations into those without and those with a valid waiver. */
export function judge(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  now: Date,
): { open: Finding[]; waived: Finding[] } {
  const inForce = waivers.filter((waiver) => isInForce(waiver, now));
  const isWaived = (finding: Finding) => inForce.some((waiver) => covers(waiver, finding));
  return { open: findings.filter((one) => !isWaived(one)), waived: findings.filter(isWaived) };
}

/**
 * Returns one sentence for each problem of a waiver: unknown rule, expired, without a reason, or without a matching
 * violation.
 */
export function problemsOf(
  waivers: readonly Waiver[],
  findings: readonly Finding[],
  rules: readonly Pick<Rule, "id">[],
  now: Date,
): string[] {
  return waivers.flatMap((waiver) => {
    const what = `the waiver of ${waiver.rule} for ${waiver.resource} in ${waiver.stage}`;
    if (!rules.some(({ id }) => id === waiver.rule)) return [`${what} names no rule`];
    if (!/^\d{4}-\d\d-\d\d$/.test(waiver.expires) || Number.isNaN(Date.parse(waiver.expires)))
      return [`${what} does not say when it expires`];
    if (waiver.reason.trim().length < 20) return [`${what} gives no reason`];
    if (!isInForce(waiver, now)) return [`${what} has expired on ${waiver.expires}`];
    return findings.some((finding) => covers(waiver, finding)) ? [] : [`${what} excuses nothing: take it away`];
  });
}

import type { Context, Resource } from "./resource.ts";
import type { Rule } from "./rule.ts";
import type { Waiver } from "./waivers.ts";

/** A resource that breaks a rule. */
export interface Finding {
  readonly rule: string;
  /** Type token of the resource. */
  readonly type: string;
  /** Logical name of the resource; `(none)` where one is missing. */
  readonly resource: string;
  /** The stage, or the variant of it, as {@link Context} calls it. */
  readonly stage: string;
  readonly message: string;
}

/** What breaks one rule in one stage. */
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

/** `*` in a pattern matches anything; all other characters match themselves. */
const matches = (pattern: string, name: string): boolean =>
  new RegExp(`^${pattern.split("*").map(escape).join(".*")}$`).test(name);
const escape = (part: string) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Whether a waiver is about a finding, be it expired or not. */
const covers = (waiver: Waiver, finding: Finding): boolean =>
  waiver.rule === finding.rule && matches(waiver.resource, finding.resource) && matches(waiver.stage, finding.stage);

/** Whether a waiver is still valid: through its last day, in UTC. */
const isInForce = ({ expires }: Waiver, now: Date): boolean => now.toISOString().slice(0, 10) <= expires;

/** Findings without a waiver, and findings with a valid waiver. */
export function judge(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  now: Date,
): { open: Finding[]; waived: Finding[] } {
  const inForce = waivers.filter((waiver) => isInForce(waiver, now));
  const isWaived = (finding: Finding) => inForce.some((waiver) => covers(waiver, finding));
  return { open: findings.filter((one) => !isWaived(one)), waived: findings.filter(isWaived) };
}

/** Problems of waivers, one sentence each: unknown rule, expired, without a reason, or without a matching finding. */
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

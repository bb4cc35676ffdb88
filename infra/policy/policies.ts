import type { PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { readSettings } from "../stage-name.ts";
import { describeStage } from "../stages.ts";
import { findingsOf, judge } from "./check.ts";
import type { Context, Resource } from "./resource.ts";
import type { Rule } from "./rule.ts";
import type { Waiver } from "./waivers.ts";

/**
 * Converts rules to Pulumi policies. A rule about single resources runs before each resource is created, and prevents
 * its creation; a rule about several resources runs when all of them are known.
 * @param variables the environment with the settings of the stage (infra/stage-name.ts); the name of the stage is in
 * every URN
 */
export function policies(
  rules: readonly Rule[],
  waivers: readonly Waiver[],
  variables: Readonly<Record<string, string | undefined>>,
): (ResourceValidationPolicy | StackValidationPolicy)[] {
  const settings = readSettings(variables);
  const contextOf = (urn: string): Context => {
    const name = stageOf(urn);
    return { stage: describeStage(name, settings), isDev: false, label: name };
  };
  const openFindings = (rule: Rule, resources: readonly Resource[], urn: string) =>
    judge(findingsOf(rule, resources, contextOf(urn)), waivers, new Date()).open;
  return rules.map((rule) => {
    const about = { name: rule.id, description: `${rule.says} (${rule.source})` };
    if (rule.looksAt !== "all")
      return {
        ...about,
        validateResource: ({ type, name, props, urn }, report) => {
          for (const { message } of openFindings(rule, [{ type, name, inputs: props }], urn)) report(message);
        },
      } satisfies ResourceValidationPolicy;
    return {
      ...about,
      validateStack: ({ resources }, report) => {
        const [first] = resources;
        if (first === undefined) return;
        for (const { message, type, resource } of openFindings(rule, resources.map(resourceOf), first.urn)) {
          const found = resources.find((each) => each.type === type && each.name === resource);
          report(`${resource}: ${message}`, found?.urn);
        }
      },
    } satisfies StackValidationPolicy;
  });
}

/** Converts a resource. After a deployment Pulumi's `props` are the outputs of the resource, which include its inputs. */
const resourceOf = ({ type, name, props }: PolicyResource): Resource => ({ type, name, inputs: props, outputs: props });

/** Returns the stage in a URN of the form `urn:pulumi:<stage>::<app>::<types>::<name>`. */
function stageOf(urn: string): string {
  const stage = /^urn:pulumi:([^:]+)::/.exec(urn)?.[1];
  if (stage === undefined) throw new Error(`no stage in the URN ${urn}`);
  return stage;
}

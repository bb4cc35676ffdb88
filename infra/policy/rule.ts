import { scalesToZero } from "../stage-shape.ts";
import type { Context, Resource } from "./resource.ts";

/** The stages to which a rule applies. */
export interface Scope {
  readonly label: string;
  readonly includes: (context: Context) => boolean;
}

export const everyStage: Scope = { label: "every stage", includes: () => true };
/** Stages in which `sst remove` keeps the data: production and tenants. */
export const keptStages: Scope = { label: "production, tenants", includes: ({ stage }) => stage.isProtected };
export const production: Scope = { label: "production", includes: ({ stage }) => stage.kind === "production" };
/** Production in its largest size, which has a database reader and a cache node in each zone (infra/sizes.ts). */
export const largeProduction: Scope = {
  label: "production, large",
  includes: ({ stage }) => stage.size === "large",
};
export const tenants: Scope = { label: "tenants", includes: ({ stage }) => stage.kind === "tenant" };
export const sleepers: Scope = {
  label: "where the database auto-pauses",
  includes: ({ stage }) => scalesToZero(stage),
};
export const alwaysOn: Scope = {
  label: "where the database never pauses",
  includes: ({ stage }) => !scalesToZero(stage),
};
export const watchedStages: Scope = { label: "stages with alarms", includes: ({ stage }) => stage.alarms !== "none" };

/** All stages except previews, which use the network of `dev`; the rules about networks apply to `dev`. */
export const withNetwork: Scope = {
  label: "stages with a network of their own",
  includes: ({ stage }) => !stage.isGuest,
};

/** A rule, its source, and a function that finds violations. */
export interface Rule {
  /** Kebab case, starting with the kind of resource. */
  readonly id: string;
  /** The rule as a sentence. */
  readonly says: string;
  /** The source of the rule: the name of a public tool's check, or a section of this project's specification. */
  readonly source: string;
  readonly scope: Scope;
  /** Type tokens of the resources that the rule checks. */
  readonly types: readonly string[];
  /**
   * `one`: each resource is checked separately; `all`: resources are checked together; `none`: no resource of these
   * types may exist.
   */
  readonly looksAt: "one" | "all" | "none";
  /** Returns the resources that break the rule; {@link missing} stands for a resource that should exist. */
  readonly offenders: (resources: readonly Resource[], context: Context) => readonly Resource[];
}

interface Words {
  readonly id: string;
  readonly says: string;
  readonly source: string;
  readonly scope?: Scope;
  readonly types: readonly string[];
}

/** Builds a rule that checks each resource of some types separately. */
export const each = (words: Words & { readonly passes: (resource: Resource, context: Context) => boolean }): Rule => ({
  ...about(words),
  looksAt: "one",
  offenders: (resources, context) => of(resources, ...words.types).filter((one) => !words.passes(one, context)),
});

/** Builds a rule about relations between resources. */
export const together = (words: Words & { readonly offenders: Rule["offenders"] }): Rule => ({
  ...about(words),
  looksAt: "all",
  offenders: words.offenders,
});

/** Builds a rule that forbids a type because of its cost or risk. */
export const never = (words: Words): Rule => ({
  ...about(words),
  looksAt: "none",
  offenders: (resources) => of(resources, ...words.types),
});

const about = ({ id, says, source, scope = everyStage, types }: Words) => ({ id, says, source, scope, types });

export const of = (resources: readonly Resource[], ...types: string[]): Resource[] =>
  resources.filter(({ type }) => types.includes(type));

/** Returns a placeholder for a missing resource in a violation. */
export const missing = (type: string): Resource => ({ type, name: "(none)", inputs: {} });
/** Returns a violation if no resource was found: the stage lacks a resource of this type. */
export const unlessAny = (found: readonly Resource[], type: string): readonly Resource[] =>
  found.length > 0 ? [] : [missing(type)];

import { scalesToZero } from "../stage-shape.ts";
import type { Context, Resource } from "./resource.ts";

/** The stages that a rule is for. */
export interface Scope {
  readonly label: string;
  readonly includes: (context: Context) => boolean;
}

export const everyStage: Scope = { label: "every stage", includes: () => true };
/** Where `sst remove` keeps the data: production and tenants. */
export const keptStages: Scope = { label: "production, tenants", includes: ({ stage }) => stage.isProtected };
export const production: Scope = { label: "production", includes: ({ stage }) => stage.kind === "production" };
/** Production in its largest size: the one with a reader and a cache node in each zone (infra/sizes.ts). */
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

/** Not previews: those live in the network of `dev`, which keeps the rules about it. */
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
  /** Its source: the name of a public tool's check, or a section of this project's specification. */
  readonly source: string;
  readonly scope: Scope;
  /** Type tokens of the resources that the rule checks. */
  readonly types: readonly string[];
  /** `one`: a resource is judged alone; `all`: together with others; `none`: there must be none of these types. */
  readonly looksAt: "one" | "all" | "none";
  /** The resources that break the rule; {@link missing} stands for one that should be there. */
  readonly offenders: (resources: readonly Resource[], context: Context) => readonly Resource[];
}

interface Words {
  readonly id: string;
  readonly says: string;
  readonly source: string;
  readonly scope?: Scope;
  readonly types: readonly string[];
}

/** A rule about each resource of some types. */
export const each = (words: Words & { readonly passes: (resource: Resource, context: Context) => boolean }): Rule => ({
  ...about(words),
  looksAt: "one",
  offenders: (resources, context) => of(resources, ...words.types).filter((one) => !words.passes(one, context)),
});

/** A rule about relations between resources. */
export const together = (words: Words & { readonly offenders: Rule["offenders"] }): Rule => ({
  ...about(words),
  looksAt: "all",
  offenders: words.offenders,
});

/** A rule that forbids a type because of its cost or risk. */
export const never = (words: Words): Rule => ({
  ...about(words),
  looksAt: "none",
  offenders: (resources) => of(resources, ...words.types),
});

const about = ({ id, says, source, scope = everyStage, types }: Words) => ({ id, says, source, scope, types });

export const of = (resources: readonly Resource[], ...types: string[]): Resource[] =>
  resources.filter(({ type }) => types.includes(type));

/** Stands for a missing resource in a finding. */
export const missing = (type: string): Resource => ({ type, name: "(none)", inputs: {} });
/** A finding when nothing satisfies a condition: the stage lacks something. */
export const unlessAny = (found: readonly Resource[], type: string): readonly Resource[] =>
  found.length > 0 ? [] : [missing(type)];

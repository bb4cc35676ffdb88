import * as v from "valibot";
import type { Evaluation } from "../../../infra/evaluate/resource.ts";

const texts = v.record(v.string(), v.string());

/** A Kubernetes object with the fields that all objects have. */
export const Manifest = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({
    name: v.string(),
    namespace: v.optional(v.string()),
    labels: v.optional(texts),
    annotations: v.optional(texts),
  }),
});
export type Manifest = v.InferOutput<typeof Manifest>;

/** The identity of an object. */
export const idOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  `${apiVersion} ${kind} ${metadata.namespace ?? "-"}/${metadata.name}`;

export const byId = (manifests: readonly Manifest[]): Manifest[] =>
  manifests.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));

/** The Kubernetes objects that an evaluated stage would create. */
export function manifestsOf(evaluation: Evaluation): Manifest[] {
  return evaluation.resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => v.parse(Manifest, inputs));
}

import * as v from "valibot";
import { stringify } from "yaml";
import { QUEUES, URL_VARIABLES, isFifo } from "../../packages/core/src/platform/queue/queues.ts";
import type { Evaluation } from "../evaluate/resource.ts";

const texts = v.record(v.string(), v.string());

/** A Kubernetes object, with the properties that all kinds have. */
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

/** Returns the unique id of an object: its API version, kind, namespace and name. */
export const idOf = ({ apiVersion, kind, metadata }: Manifest): string =>
  `${apiVersion} ${kind} ${metadata.namespace ?? "-"}/${metadata.name}`;

/** Returns the Kubernetes objects that an evaluated stage would create. */
export function manifestsOf(evaluation: Evaluation): Manifest[] {
  return evaluation.resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ inputs }) => v.parse(Manifest, inputs));
}

/**
 * The folders in `infra/kubernetes/overlays`, each with the stage configuration (variants.ts) whose pods it contains.
 */
export const OVERLAYS = {
  staging: "staging with EKS and API pods",
  production: "production with EKS and API pods",
  "production-keda": "production with EKS, API pods and KEDA",
} as const;

const HEAD =
  "# Generated from infra/eks by `npm run infra -- kubernetes`: change that, or patch this in a folder of yours.\n";

/**
 * Formats the pods of an evaluated stage as a file for `kubectl apply`, for clusters that SST did not create. The
 * file omits the content of Secrets, objects of the cluster, and values that are known only during a deployment.
 * Addresses are examples.
 */
export function manifestsText(evaluation: Evaluation): string {
  const { stage } = evaluation.variant;
  const objects = manifestsOf(evaluation)
    .filter(({ kind, metadata }) => kind !== "Secret" && metadata.name !== "amazon-vpc-cni")
    .map((manifest) => withExamples(manifest, stage))
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  return (
    HEAD + objects.map((manifest) => stringify(known(manifest), { sortMapEntries: true, lineWidth: 0 })).join("---\n")
  );
}

/**
 * The URL of the app on the stage's own CloudFront distribution. Other clusters serve the app from the API's image,
 * at their own address.
 */
const OF_CLOUDFRONT = /^https:\/\/[a-z0-9]+\.cloudfront\.net/;
const mapped = (record: Readonly<Record<string, string>>, change: (value: string) => string) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));

/** Replaces the addresses that SST links by example addresses. */
function withExamples(manifest: Manifest, stage: string): Manifest {
  if (manifest.kind === "ConfigMap")
    return {
      ...manifest,
      data: {
        ...mapped(v.parse(texts, manifest["data"]), (value) => value.replace(OF_CLOUDFRONT, "https://app.example.org")),
        S3_BUCKET: `gotong-royong-${stage}-evidence`,
        ...Object.fromEntries(QUEUES.map((queue) => [URL_VARIABLES[queue], urlOf(stage, queue)])),
      },
    };
  const triggers = v.safeParse(ScaledObject, manifest["spec"]);
  return triggers.success
    ? {
        ...manifest,
        spec: {
          ...triggers.output,
          triggers: triggers.output.triggers.map((trigger) => ({
            ...trigger,
            metadata: { ...trigger.metadata, ...exampleUrl(stage, trigger.metadata) },
          })),
        },
      }
    : manifest;
}

const ScaledObject = v.looseObject({ triggers: v.array(v.looseObject({ metadata: texts })) });
function exampleUrl(stage: string, { queueURL }: Readonly<Record<string, string>>) {
  const queue = QUEUES.find((name) => queueURL?.toLowerCase().includes(`${name.replace("_", "")}queuequeue`));
  return queue === undefined ? {} : { queueURL: urlOf(stage, queue) };
}

const urlOf = (stage: string, queue: (typeof QUEUES)[number]) =>
  `https://sqs.us-east-1.amazonaws.com/123456789012/gotong-royong-${stage}-${queue.replace("_", "-")}${isFifo(queue) ? ".fifo" : ""}`;

/**
 * Returns whether an annotation has a value that is known only during a deployment of SST: a hash of the Secrets, or
 * the firewall.
 */
const isOfDeployment = (name: string) => name === "checksum/config" || name.endsWith("/wafv2-acl-arn");

/** Removes the annotations whose values are known only during a deployment, at every depth. */
function known(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(known);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !isOfDeployment(name))
      .map(([name, each]) => [name, known(each)]),
  );
}

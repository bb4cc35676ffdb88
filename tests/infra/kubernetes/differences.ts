import * as v from "valibot";
import type { Manifest } from "./manifest.ts";

/** An intended difference between SST's pods and the manifests. */
export interface Difference {
  readonly what: string;
  readonly reason: string;
  /** The object without the difference; undefined when the whole object is one. */
  readonly sst?: (manifest: Manifest) => Manifest | undefined;
  readonly files?: (manifest: Manifest) => Manifest | undefined;
}

const Deployment = v.looseObject({
  template: v.looseObject({
    metadata: v.looseObject({ annotations: v.record(v.string(), v.string()) }),
  }),
});
const ScaledObject = v.looseObject({
  triggers: v.array(v.looseObject({ metadata: v.record(v.string(), v.string()) })),
});
const isFromLinks = (name: string) => name === "S3_BUCKET" || name.endsWith("_QUEUE_URL");

export const DIFFERENCES: readonly Difference[] = [
  {
    what: "Secrets",
    reason: "SST fills them from its links; a file with secrets would be a leak, so the manifests name them only",
    sst: (manifest) => (manifest.kind === "Secret" ? undefined : manifest),
  },
  {
    what: "addresses of queues and bucket in the ConfigMap",
    reason: "SST's links carry them, inside of the Secret",
    files: (manifest) =>
      manifest.kind === "ConfigMap"
        ? { ...manifest, data: without(v.parse(v.record(v.string(), v.string()), manifest["data"]), isFromLinks) }
        : manifest,
  },
  {
    what: "the annotation checksum/config",
    reason:
      "SST knows the values when it deploys; with the manifests `kubectl rollout restart` follows a change of settings",
    sst: (manifest) => {
      if (!v.is(Deployment, manifest["spec"])) return manifest;
      const { template, ...spec } = manifest["spec"];
      const annotations = without(template.metadata.annotations, (name) => name === "checksum/config");
      return {
        ...manifest,
        spec: { ...spec, template: { ...template, metadata: { ...template.metadata, annotations } } },
      };
    },
  },
  {
    what: "the switch of the network policy controller",
    reason: "it belongs to the cluster, which the manifests find made",
    sst: (manifest) => (manifest.metadata.name === "amazon-vpc-cni" ? undefined : manifest),
  },
  {
    what: "the firewall of the load balancer",
    reason: "the manifests create no AWS resources; an operator with a web ACL adds its ARN",
    sst: (manifest) =>
      manifest.metadata.annotations === undefined
        ? manifest
        : {
            ...manifest,
            metadata: {
              ...manifest.metadata,
              annotations: without(manifest.metadata.annotations, (name) => name.endsWith("/wafv2-acl-arn")),
            },
          },
  },
  {
    what: "the names of queues on AWS",
    reason: "SST gives them a random ending",
    sst: (manifest) => queueNames(manifest, (url) => url.replace(/(\w+)QueueQueue$/, (_, name) => name.toLowerCase())),
  },
];

function queueNames(manifest: Manifest, rename: (url: string) => string): Manifest {
  if (!v.is(ScaledObject, manifest["spec"])) return manifest;
  const triggers = manifest["spec"].triggers.map((trigger) => {
    const url = trigger.metadata["queueURL"];
    return url === undefined ? trigger : { ...trigger, metadata: { ...trigger.metadata, queueURL: rename(url) } };
  });
  return { ...manifest, spec: { ...manifest["spec"], triggers } };
}

const without = (record: Record<string, string>, isGone: (name: string) => boolean) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !isGone(name)));

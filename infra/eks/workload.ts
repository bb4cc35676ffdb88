import { createHash } from "node:crypto";
import type { Grant } from "../grants.ts";
import type { PodShape } from "../stage-shape.ts";
import { bindRole } from "./access.ts";
import { LABELS, NAMESPACE, configMap, inNamespace, settings } from "./namespace.ts";
import { allowIngress, networkPolicies } from "./network-policy.ts";
import { podSpec } from "./pod-spec.ts";

interface Workload {
  /** Prefix of the names of the Pulumi resources. */
  readonly name: string;
  readonly component: "api" | "workers";
  readonly shape: PodShape & { readonly image: string };
  readonly port: number;
  /** Seconds from SIGTERM until a pod is killed. */
  readonly graceSeconds: number;
  /** Whether the pods receive requests other than health checks and those of Prometheus. */
  readonly hasCallers: boolean;
  readonly grant: Grant;
  readonly dependsOn?: $util.Resource[];
}

/**
 * Creates a Deployment with its service account, service and policies. It sets no number of pods, since the
 * autoscaler sets it.
 */
export function createWorkload({ name, component, shape, port, graceSeconds, hasCallers, grant, dependsOn }: Workload) {
  const objectName = `gotong-royong-${component}`;
  const selector = { "app.kubernetes.io/name": objectName };
  const metadata = { name: objectName, namespace: NAMESPACE, labels: { ...LABELS, ...selector } };
  const identity = bindRole(name, NAMESPACE, objectName, grant.permissions);
  const account = new kubernetes.core.v1.ServiceAccount(
    `${name}Account`,
    { metadata, automountServiceAccountToken: false },
    inNamespace,
  );
  const links = sst.Linkable.env(grant.link);
  const secret = new kubernetes.core.v1.Secret(
    `${name}Links`,
    { metadata, type: "Opaque", stringData: links },
    inNamespace,
  );
  const ingress = allowIngress(name, component, port, hasCallers);
  // Pods read their settings at start, so a hash of the settings in the template restarts the pods when a setting
  // changes.
  const checksum = $util.unsecret($jsonStringify({ settings, links }).apply(hash));
  const deployment = new kubernetes.apps.v1.Deployment(
    `${name}Deployment`,
    {
      metadata,
      spec: {
        revisionHistoryLimit: 3,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: selector },
        template: {
          metadata: {
            labels: { ...LABELS, ...selector },
            annotations: {
              "checksum/config": checksum,
              "prometheus.io/scrape": "true",
              "prometheus.io/port": String(port),
              "prometheus.io/path": "/metrics",
            },
          },
          spec: podSpec({ component, shape, port, graceSeconds, hasCallers, selector }),
        },
      },
    },
    {
      ...inNamespace,
      dependsOn: [account, identity, secret, configMap, ingress, ...networkPolicies, ...(dependsOn ?? [])],
    },
  );
  const service = new kubernetes.core.v1.Service(
    `${name}Service`,
    {
      metadata,
      spec: {
        type: "ClusterIP",
        selector,
        ports: [{ name: "http", protocol: "TCP", port: hasCallers ? 80 : port, targetPort: "http" }],
      },
    },
    inNamespace,
  );
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}Budget`,
    {
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: selector }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    },
    inNamespace,
  );
  return { deployment, service, metadata };
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

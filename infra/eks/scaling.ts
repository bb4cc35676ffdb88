import type { PodShape } from "../stage-shape.ts";
import { metricsServer, provider } from "./cluster.ts";
import { inNamespace } from "./namespace.ts";

/** CPU use at which the HPA adds pods (infrastructure.md §1, "HPA"). */
const CPU_PERCENT = 70;
const MEMORY_PERCENT = 80;

interface Target {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> };
  readonly shape: PodShape;
  readonly deployment: kubernetes.apps.v1.Deployment;
}

/** Creates an HPA that scales a Deployment by CPU and memory. */
export function scaleByUse(name: string, { metadata, shape, deployment }: Target): void {
  const metric = (resource: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
    `${name}Scaling`,
    {
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: metadata.name },
        minReplicas: shape.least,
        maxReplicas: shape.most,
        metrics: [metric("cpu", CPU_PERCENT), metric("memory", MEMORY_PERCENT)],
      },
    },
    { ...inNamespace, dependsOn: [deployment, metricsServer] },
  );
}

interface Backlog {
  readonly queueUrl: $util.Input<string>;
  readonly region: $util.Input<string>;
}

/** Target number of waiting messages for each pod, on average. */
const QUEUE_LENGTH = "100";

/**
 * Scales a Deployment by CPU, memory and queue lengths. KEDA creates the HPA itself, and a second HPA on the same
 * Deployment would conflict with it; so this replaces {@link scaleByUse}, and adopts the HPA that {@link scaleByUse}
 * created.
 */
export function scaleByQueues(
  name: string,
  { metadata, shape, deployment }: Target,
  backlogs: readonly Backlog[],
): void {
  const authentication = new kubernetes.apiextensions.CustomResource(
    `${name}ScalingAuthentication`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "TriggerAuthentication",
      metadata,
      spec: { podIdentity: { provider: "aws" } },
    },
    { provider, dependsOn: [...inNamespace.dependsOn] },
  );
  const use = (type: string, percent: number) => ({
    type,
    metricType: "Utilization",
    metadata: { value: String(percent) },
  });
  new kubernetes.apiextensions.CustomResource(
    `${name}QueueScaling`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { ...metadata, annotations: { "scaledobject.keda.sh/transfer-hpa-ownership": "true" } },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: metadata.name },
        minReplicaCount: shape.least,
        maxReplicaCount: shape.most,
        advanced: { horizontalPodAutoscalerConfig: { name: metadata.name } },
        triggers: [
          use("cpu", CPU_PERCENT),
          use("memory", MEMORY_PERCENT),
          ...backlogs.map(({ queueUrl, region }) => ({
            type: "aws-sqs-queue",
            authenticationRef: { name: metadata.name },
            metadata: { queueURL: queueUrl, queueLength: QUEUE_LENGTH, awsRegion: region },
          })),
        ],
      },
    },
    { ...inNamespace, dependsOn: [deployment, authentication, metricsServer] },
  );
}

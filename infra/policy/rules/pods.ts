import { at, list, type Resource, text } from "../resource.ts";
import { each, type Rule } from "../rule.ts";

/** Types of resources that create pods from a template. */
export const WORKLOADS = [
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:apps/v1:DaemonSet",
  "kubernetes:batch/v1:Job",
  "kubernetes:batch/v1:CronJob",
];

/** Returns the pod template of a workload. */
export const podOf = (workload: Resource): unknown =>
  at(workload, "spec.template.spec") ?? at(workload, "spec.jobTemplate.spec.template.spec");
export const labelsOf = (workload: Resource): Readonly<Record<string, unknown>> => ({
  ...Object(
    at(workload, "spec.template.metadata.labels") ?? at(workload, "spec.jobTemplate.spec.template.metadata.labels"),
  ),
});
const volumes = (workload: Resource) => list(podOf(workload), "volumes");

export const pods: readonly Rule[] = [
  each({
    id: "pod-scratch-space-is-bounded",
    says: "A pod's scratch space has a limit, so that it cannot fill its node",
    source: "Kubernetes documentation, emptyDir sizeLimit",
    types: WORKLOADS,
    passes: (one) =>
      volumes(one).every((volume) => at(volume, "emptyDir") === undefined || text(volume, "emptyDir.sizeLimit") !== ""),
  }),
  each({
    id: "pod-sets-no-kernel-options",
    says: "A pod changes no option of the kernel",
    source: "kube-linter unsafe-sysctls",
    types: WORKLOADS,
    passes: (one) => list(podOf(one), "securityContext.sysctls").length === 0,
  }),
  each({
    id: "pod-ends-in-time",
    says: "The termination grace period of a pod covers its longest work: 30 s or more",
    source: "infrastructure.md §6",
    types: WORKLOADS,
    passes: (one) => Number(at(podOf(one), "terminationGracePeriodSeconds") ?? 30) >= 30,
  }),
];

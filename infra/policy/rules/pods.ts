import { at, list, type Resource, text } from "../resource.ts";
import { each, type Rule } from "../rule.ts";

/** What runs pods from a template. */
export const WORKLOADS = [
  "kubernetes:apps/v1:Deployment",
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:apps/v1:DaemonSet",
  "kubernetes:batch/v1:Job",
  "kubernetes:batch/v1:CronJob",
];

/** The pod that a workload makes. */
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
    id: "pod-keeps-own-processes",
    says: "A pod does not see the processes of its node",
    source: "kube-linter host-pid, checkov CKV_K8S_17, prowler core_minimize_hostPID_containers",
    types: WORKLOADS,
    passes: (one) => at(podOf(one), "hostPID") !== true,
  }),
  each({
    id: "pod-keeps-own-memory",
    says: "A pod does not share memory with its node",
    source: "kube-linter host-ipc, checkov CKV_K8S_18, prowler core_minimize_hostIPC_containers",
    types: WORKLOADS,
    passes: (one) => at(podOf(one), "hostIPC") !== true,
  }),
  each({
    id: "pod-keeps-own-network",
    says: "A pod has a network of its own",
    source: "kube-linter host-network, checkov CKV_K8S_19, prowler core_minimize_hostNetwork_containers",
    types: WORKLOADS,
    passes: (one) => at(podOf(one), "hostNetwork") !== true,
  }),
  each({
    id: "pod-mounts-nothing-of-node",
    says: "A pod mounts no folder of its node, nor the socket of its container engine",
    source:
      "kube-linter sensitive-host-mounts, docker-sock, checkov CKV_K8S_27, prowler core_minimize_hostpath_volume_mounts",
    types: WORKLOADS,
    passes: (one) => volumes(one).every((volume) => at(volume, "hostPath") === undefined),
  }),
  each({
    id: "pod-scratch-space-is-bounded",
    says: "A pod's scratch space has a limit, so that it cannot fill its node",
    source: "Kubernetes documentation, emptyDir sizeLimit",
    types: WORKLOADS,
    passes: (one) =>
      volumes(one).every((volume) => at(volume, "emptyDir") === undefined || text(volume, "emptyDir.sizeLimit") !== ""),
  }),
  each({
    id: "pod-has-own-service-account",
    says: "A pod has a service account of its own",
    source: "kube-linter default-service-account, checkov CKV_K8S_41, CKV_K8S_42",
    types: WORKLOADS,
    passes: (one) => !["", "default"].includes(text(podOf(one), "serviceAccountName")),
  }),
  each({
    id: "pod-has-no-token",
    says: "A pod has no token for the Kubernetes API, which it does not ask anything",
    source: "checkov CKV_K8S_38",
    types: WORKLOADS,
    passes: (one) => at(podOf(one), "automountServiceAccountToken") === false,
  }),
  each({
    id: "pod-makes-few-system-calls",
    says: "A pod may make the system calls that its engine thinks safe, and no other",
    source: "checkov CKV_K8S_31, prowler core_seccomp_profile_docker_default",
    types: WORKLOADS,
    passes: (one) => text(podOf(one), "securityContext.seccompProfile.type") === "RuntimeDefault",
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

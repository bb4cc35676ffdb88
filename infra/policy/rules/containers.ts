import { at, list, number, type Resource, text } from "../resource.ts";
import { each, type Rule } from "../rule.ts";
import { podOf, WORKLOADS } from "./pods.ts";

const LONG_RUNNING = WORKLOADS.filter((type) => !type.includes(":batch/"));
const SECRET_NAME = /passw|secret|token|credential|private_?key/i;

const all = (workload: Resource): unknown[] => [
  ...list(podOf(workload), "containers"),
  ...list(podOf(workload), "initContainers"),
];
/** Passes when there is a container and every container of the pods passes. */
const every = (test: (container: unknown, pod: unknown) => boolean) => (workload: Resource) =>
  all(workload).length > 0 && all(workload).every((container) => test(container, podOf(workload)));
const main = (test: (container: unknown) => boolean) => (workload: Resource) =>
  list(podOf(workload), "containers").every(test);

export const containers: readonly Rule[] = [
  each({
    id: "container-is-not-root",
    says: "No container runs as root",
    source: "kube-linter run-as-non-root, checkov CKV_K8S_23, prowler core_minimize_root_containers_admission",
    types: WORKLOADS,
    passes: every(
      (one, pod) => (at(one, "securityContext.runAsNonRoot") ?? at(pod, "securityContext.runAsNonRoot")) === true,
    ),
  }),
  each({
    id: "container-user-id-is-unused-on-the-node",
    says: "A container's user has a number that no user of the node has",
    source: "checkov CKV_K8S_40",
    types: WORKLOADS,
    passes: every(
      (one, pod) => Number(at(one, "securityContext.runAsUser") ?? at(pod, "securityContext.runAsUser")) >= 10_000,
    ),
  }),
  each({
    id: "container-cannot-change-itself",
    says: "A container's root file system is read-only",
    source: "kube-linter no-read-only-root-fs, checkov CKV_K8S_22, prowler core_readonly_root_filesystem_enabled",
    types: WORKLOADS,
    passes: every((one) => at(one, "securityContext.readOnlyRootFilesystem") === true),
  }),
  each({
    id: "container-gains-no-rights",
    says: "No process in a container gets more rights than it began with",
    source:
      "kube-linter privilege-escalation-container, checkov CKV_K8S_20, prowler core_minimize_allowPrivilegeEscalation_containers",
    types: WORKLOADS,
    passes: every((one) => at(one, "securityContext.allowPrivilegeEscalation") === false),
  }),
  each({
    id: "container-is-not-privileged",
    says: "No container is privileged",
    source: "kube-linter privileged-container, checkov CKV_K8S_16, prowler core_minimize_privileged_containers",
    types: WORKLOADS,
    passes: every((one) => at(one, "securityContext.privileged") !== true),
  }),
  each({
    id: "container-drops-every-capability",
    says: "A container drops every capability of the kernel",
    source:
      "kube-linter drop-net-raw-capability, checkov CKV_K8S_28, CKV_K8S_37, prowler core_minimize_containers_capabilities_assigned",
    types: WORKLOADS,
    passes: every((one) => list(one, "securityContext.capabilities.drop").includes("ALL")),
  }),
  each({
    id: "container-adds-no-capability",
    says: "A container asks for no capability back",
    source: "checkov CKV_K8S_25, CKV_K8S_39, prowler core_minimize_containers_added_capabilities",
    types: WORKLOADS,
    passes: every((one) => list(one, "securityContext.capabilities.add").length === 0),
  }),
  each({
    id: "container-hides-proc",
    says: "A container sees as little of /proc as its engine thinks right",
    source: "kube-linter unsafe-proc-mount",
    types: WORKLOADS,
    passes: every((one) => text(one, "securityContext.procMount") !== "Unmasked"),
  }),
  each({
    id: "container-asks-for-processor",
    says: "A container says how much of a processor it needs",
    source: "kube-linter unset-cpu-requirements, checkov CKV_K8S_10, prowler core_cpu_requests_set",
    types: WORKLOADS,
    passes: every((one) => at(one, "resources.requests.cpu") !== undefined),
  }),
  each({
    id: "container-has-processor-limit",
    says: "A container says how much of a processor it may take",
    source: "checkov CKV_K8S_11, prowler core_cpu_limits_set",
    types: WORKLOADS,
    passes: every((one) => at(one, "resources.limits.cpu") !== undefined),
  }),
  each({
    id: "container-asks-for-memory",
    says: "A container says how much memory it needs",
    source: "kube-linter unset-memory-requirements, checkov CKV_K8S_12, prowler core_memory_requests_set",
    types: WORKLOADS,
    passes: every((one) => at(one, "resources.requests.memory") !== undefined),
  }),
  each({
    id: "container-has-memory-limit",
    says: "A container says how much memory it may take",
    source: "checkov CKV_K8S_13, prowler core_memory_limits_set",
    types: WORKLOADS,
    passes: every((one) => at(one, "resources.limits.memory") !== undefined),
  }),
  each({
    id: "container-shows-that-it-lives",
    says: "A container that hangs is found out and started again",
    source: "kube-linter no-liveness-probe, checkov CKV_K8S_8, prowler core_liveness_probe_configured",
    types: LONG_RUNNING,
    passes: main((one) => at(one, "livenessProbe") !== undefined),
  }),
  each({
    id: "container-shows-that-it-is-ready",
    says: "A container gets work when it is ready for it",
    source: "kube-linter no-readiness-probe, checkov CKV_K8S_9, prowler core_readiness_probe_configured",
    types: LONG_RUNNING,
    passes: main((one) => at(one, "readinessProbe") !== undefined),
  }),
  each({
    id: "container-image-is-one-version",
    says: "An image is named by a version or a digest, never by latest or by nothing",
    source: "kube-linter latest-tag, checkov CKV_K8S_14, prowler core_image_tag_fixed",
    types: WORKLOADS,
    passes: every((one) => /@sha256:|:(?!latest$)[\w.-]+$/.test(text(one, "image").replace(/^[^/]*:\d+\//, ""))),
  }),
  each({
    id: "container-takes-no-port-of-node",
    says: "A container takes no port of its node",
    source: "checkov CKV_K8S_26, prowler core_minimize_admission_hostport_containers",
    types: WORKLOADS,
    passes: every((one) => list(one, "ports").every((port) => at(port, "hostPort") === undefined)),
  }),
  each({
    id: "container-uses-high-ports",
    says: "A container listens on ports that need no rights, and not on that of SSH",
    source: "kube-linter privileged-ports, ssh-port",
    types: WORKLOADS,
    passes: every((one) => list(one, "ports").every((port) => number(port, "containerPort") >= 1024)),
  }),
  each({
    id: "container-has-no-secret-in-clear-text",
    says: "No secret stands in a container's environment: it comes from a Secret",
    source: "kube-linter env-var-secret, prowler core_no_secrets_envs",
    types: WORKLOADS,
    passes: every((one) =>
      list(one, "env").every((each) => !SECRET_NAME.test(text(each, "name")) || text(each, "value") === ""),
    ),
  }),
];

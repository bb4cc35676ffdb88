import { at, list, number, type Resource, text } from "../resource.ts";
import { each, of, type Rule, together } from "../rule.ts";
import { labelsOf, podOf, WORKLOADS } from "./pods.ts";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const NETWORK = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const BUDGET = "kubernetes:policy/v1:PodDisruptionBudget";
const SCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const SERVICE = "kubernetes:core/v1:Service";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const ROLES = ["kubernetes:rbac.authorization.k8s.io/v1:Role", "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"];
const BINDINGS = [
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
];

const selects = (selector: unknown, workload: Resource) =>
  Object.entries(Object(selector)).every(([label, value]) => labelsOf(workload)[label] === value);
const hasLabels = (selector: unknown) => Object.keys(Object(selector)).length > 0;
const nameOf = (resource: Resource) => text(resource, "metadata.name") || text(resource.outputs, "metadata.name");
const spaceOf = (resource: Resource) => text(resource, "metadata.namespace");
/** Finds Deployments that no resource of `type` in the same namespace selects. */
const unselected =
  (type: string, path: string, mayBeEmpty = false): Rule["offenders"] =>
  (resources) =>
    of(resources, DEPLOYMENT).filter(
      (workload) =>
        !of(resources, type).some(
          (one) =>
            spaceOf(one) === spaceOf(workload) &&
            (mayBeEmpty || hasLabels(at(one, path))) &&
            selects(at(one, path), workload),
        ),
    );

export const workloads: readonly Rule[] = [
  each({
    id: "workload-has-namespace",
    says: "Everything lives in a namespace of its own, not in the default one",
    source: "kube-linter use-namespace, checkov CKV_K8S_21",
    types: [
      ...WORKLOADS,
      SERVICE,
      BUDGET,
      SCALER,
      NETWORK,
      "kubernetes:core/v1:ConfigMap",
      "kubernetes:core/v1:Secret",
    ],
    passes: (one) => !["", "default"].includes(spaceOf(one)),
  }),
  each({
    id: "namespace-admits-restricted-pods",
    says: "A namespace turns away pods that are not restricted",
    source: "Kubernetes documentation, Pod Security Standards",
    types: [NAMESPACE],
    passes: (one) => {
      const labels: unknown = at(one, "metadata.labels");
      return Reflect.get(Object(labels), "pod-security.kubernetes.io/enforce") === "restricted";
    },
  }),
  each({
    id: "service-account-has-no-token",
    says: "A service account hands out no token by itself",
    source: "checkov CKV_K8S_38",
    types: ["kubernetes:core/v1:ServiceAccount"],
    passes: (one) => at(one, "automountServiceAccountToken") === false,
  }),
  together({
    id: "service-account-exists",
    says: "The service account that a pod names is there",
    source: "kube-linter non-existent-service-account",
    types: WORKLOADS,
    offenders: (resources) => {
      const names = of(resources, "kubernetes:core/v1:ServiceAccount").map(nameOf);
      return of(resources, ...WORKLOADS).filter((one) => !names.includes(text(podOf(one), "serviceAccountName")));
    },
  }),
  each({
    id: "workload-selects-its-own-pods",
    says: "A deployment selects the pods that it makes",
    source: "kube-linter mismatching-selector",
    types: [DEPLOYMENT],
    passes: (one) =>
      hasLabels(at(one, "spec.selector.matchLabels")) && selects(at(one, "spec.selector.matchLabels"), one),
  }),
  each({
    id: "workload-changes-step-by-step",
    says: "A deployment changes its pods one by one",
    source: "kube-linter no-rolling-update-strategy",
    types: [DEPLOYMENT],
    passes: (one) => ["", "RollingUpdate"].includes(text(one, "spec.strategy.type")),
  }),
  each({
    id: "workload-spreads-over-zones",
    says: "Pods of a deployment are spread over zones or nodes",
    source: "kube-linter no-anti-affinity, infrastructure.md §6",
    types: [DEPLOYMENT],
    passes: (one) =>
      list(podOf(one), "topologySpreadConstraints").length > 0 ||
      at(podOf(one), "affinity.podAntiAffinity") !== undefined,
  }),
  together({
    id: "workload-is-isolated",
    says: "A network policy says who may reach the pods of every deployment",
    source: "kube-linter non-isolated-pod, checkov CKV2_K8S_6",
    types: [DEPLOYMENT],
    offenders: unselected(NETWORK, "spec.podSelector.matchLabels", true),
  }),
  together({
    id: "namespace-refuses-by-default",
    says: "Every namespace refuses what no network policy allows, in and out",
    source: "CIS Kubernetes Benchmark 5.3.2",
    types: [NAMESPACE],
    offenders: (resources) =>
      of(resources, NAMESPACE).filter(
        (space) =>
          !of(resources, NETWORK).some(
            (one) =>
              spaceOf(one) === nameOf(space) &&
              !hasLabels(at(one, "spec.podSelector.matchLabels")) &&
              ["Ingress", "Egress"].every((way) => list(one, "spec.policyTypes").includes(way)) &&
              list(one, "spec.ingress").length + list(one, "spec.egress").length === 0,
          ),
      ),
  }),
  together({
    id: "workload-survives-maintenance",
    says: "A disruption budget keeps pods of every deployment when nodes are replaced",
    source: "infrastructure.md §6, CIS EKS guidance on availability",
    types: [DEPLOYMENT],
    offenders: unselected(BUDGET, "spec.selector.matchLabels"),
  }),
  each({
    id: "disruption-budget-lets-nodes-go",
    says: "A disruption budget lets at least one pod go, or no node could ever be replaced",
    source: "Kubernetes documentation, disruption budgets",
    types: [BUDGET],
    passes: (one) => at(one, "spec.maxUnavailable") !== 0 && at(one, "spec.minAvailable") !== "100%",
  }),
  together({
    id: "scaler-has-something-to-scale",
    says: "An autoscaler names a deployment that is there, which leaves the number of its pods to it",
    source: "sst-notes §10",
    types: [SCALER],
    offenders: (resources) =>
      of(resources, SCALER).filter((one) => {
        const target = of(resources, DEPLOYMENT).find((each) => nameOf(each) === text(one, "spec.scaleTargetRef.name"));
        return target === undefined || at(target, "spec.replicas") !== undefined;
      }),
  }),
  each({
    id: "scaler-keeps-two-pods",
    says: "An autoscaler keeps two pods or more, and no more than ten",
    source: "infrastructure.md §6",
    types: [SCALER],
    passes: (one) => number(one, "spec.minReplicas") >= 2 && number(one, "spec.maxReplicas") <= 10,
  }),
  each({
    id: "service-is-inside",
    says: "A service is reached inside of the cluster: the way in is the ingress",
    source: "kube-linter exposed-services",
    types: [SERVICE],
    passes: (one) => ["", "ClusterIP"].includes(text(one, "spec.type")),
  }),
  together({
    id: "service-leads-somewhere",
    says: "A service leads to pods that are there",
    source: "kube-linter dangling-service",
    types: [SERVICE],
    offenders: (resources) =>
      of(resources, SERVICE).filter(
        (one) =>
          !of(resources, ...WORKLOADS).some(
            (each) => hasLabels(at(one, "spec.selector")) && selects(at(one, "spec.selector"), each),
          ),
      ),
  }),
  each({
    id: "ingress-speaks-tls",
    says: "An ingress answers over TLS",
    source: "infrastructure.md §1",
    types: ["kubernetes:networking.k8s.io/v1:Ingress"],
    passes: (one) => {
      const notes = JSON.stringify(at(one, "metadata.annotations") ?? {});
      return list(one, "spec.tls").length > 0 || /"HTTPS\\":\s*443/.test(notes);
    },
  }),
  each({
    id: "configuration-has-no-secret",
    says: "No secret stands in a ConfigMap",
    source: "infrastructure.md §1",
    types: ["kubernetes:core/v1:ConfigMap"],
    // The name of a setting may contain such a word although its value is the URL of a page, such as the page for
    // password resets.
    passes: (one) =>
      Object.entries(Object(at(one, "data"))).every(
        ([key, value]) =>
          !/passw|secret|token|private_?key/i.test(key) || /^https:\/\/[^@?#]+(\?[a-z]+)?$/.test(String(value)),
      ),
  }),
  each({
    id: "cluster-role-names-what-it-may",
    says: "No role of the cluster allows every verb or every resource",
    source: "kube-linter wildcard-in-rules, checkov CKV_K8S_49",
    types: ROLES,
    passes: (one) =>
      list(one, "rules").every(
        (rule) => ![...list(rule, "verbs"), ...list(rule, "resources"), ...list(rule, "apiGroups")].includes("*"),
      ),
  }),
  each({
    id: "cluster-role-reads-no-secrets",
    says: "No role of the cluster reads secrets or makes pods",
    source: "kube-linter access-to-secrets, access-to-create-pods, checkov CKV2_K8S_5",
    types: ROLES,
    passes: (one) =>
      list(one, "rules").every(
        (rule) =>
          !list(rule, "resources").includes("secrets") &&
          !(list(rule, "resources").includes("pods") && list(rule, "verbs").includes("create")),
      ),
  }),
  each({
    id: "cluster-administrator-is-unbound",
    says: "No subject is bound to the role cluster-admin",
    source: "kube-linter cluster-admin-role-binding",
    types: BINDINGS,
    passes: (one) => text(one, "roleRef.name") !== "cluster-admin",
  }),
];

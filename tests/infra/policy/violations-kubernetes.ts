import { type Violation, add, gone, NO_RESOURCE, set } from "./violation.ts";

const base = "kubernetes";
const on = (name: string, changes: Readonly<Record<string, unknown>>): Violation => set(name, changes, { base });
const pod = (path: string, value: unknown) => on("Workers", { [`spec.template.spec.${path}`]: value });
const container = (path: string, value: unknown) => pod(`containers.0.${path}`, value);
const context = (path: string, value: unknown) => container(`securityContext.${path}`, value);

/** Changes that break each rule about EKS and its workloads. */
export const ofKubernetes: Readonly<Record<string, Violation>> = {
  "cluster-is-reached-inside": on("Cluster", { "vpcConfig.endpointPrivateAccess": false }),
  "cluster-version-is-supported": on("Cluster", { version: "1.29" }),
  "cluster-knows-people-by-iam": on("Cluster", { "accessConfig.authenticationMode": "CONFIG_MAP" }),
  "cluster-maker-is-no-administrator": on("Cluster", { "accessConfig.bootstrapClusterCreatorAdminPermissions": true }),
  "cluster-keeps-its-own-nodes": on("Cluster", { "computeConfig.enabled": false }),
  "cluster-nodes-are-private": on("Cluster", { "vpcConfig.subnetIds.0": "vpc-public-subnet1-id" }),
  "cluster-spans-zones": on("Cluster", { "vpcConfig.subnetIds": ["vpc-private-subnet1-id"] }),
  "cluster-refuses-deletion": on("Cluster", { deletionProtection: undefined }),
  "pod-identity-names-one-account": on("Identity", { serviceAccount: "default" }),
  "pods-have-identity": gone("Identity", "Cluster", base),
  "cluster-measures-pods": gone("Metrics", NO_RESOURCE, base),
  "repository-tags-do-not-move": on("Repository", { imageTagMutability: "MUTABLE" }),
  "repository-scans-images": on("Repository", { imageScanningConfiguration: undefined }),
  "repository-is-not-public": on("RepositoryPolicy", { "policy.Statement.Principal": "*" }),
  "stage-has-no-cluster": add("aws:eks/cluster:Cluster"),

  "pod-scratch-space-is-bounded": pod("volumes.0.emptyDir", {}),
  "pod-sets-no-kernel-options": pod("securityContext.sysctls", [{ name: "net.core.somaxconn", value: "1" }]),
  "pod-ends-in-time": pod("terminationGracePeriodSeconds", 5),

  "container-hides-proc": context("procMount", "Unmasked"),
  "container-uses-high-ports": container("ports.0.containerPort", 22),
  "container-has-no-secret-in-clear-text": container("env.0", { name: "JWT_SECRET", value: "abc" }),

  "workload-has-namespace": on("Service", { "metadata.namespace": "default" }),
  "namespace-admits-restricted-pods": on("Namespace", { "metadata.labels": {} }),
  "service-account-has-no-token": on("Account", { automountServiceAccountToken: undefined }),
  "service-account-exists": gone("Account", "Workers", base),
  "workload-selects-its-own-pods": on("Workers", { "spec.selector.matchLabels.app": "others" }),
  "workload-changes-step-by-step": on("Workers", { "spec.strategy.type": "Recreate" }),
  "workload-spreads-over-zones": pod("topologySpreadConstraints", []),
  "workload-is-isolated": gone(["Refuse", "AllowScrapes"], "Workers", base),
  "namespace-refuses-by-default": set("Refuse", { "spec.ingress": [{}] }, { finds: "Namespace", base }),
  "workload-survives-maintenance": gone("Disruption", "Workers", base),
  "disruption-budget-lets-nodes-go": on("Disruption", { "spec.maxUnavailable": 0 }),
  "scaler-has-something-to-scale": set("Workers", { "spec.replicas": 3 }, { finds: "Scaler", base }),
  "scaler-keeps-two-pods": on("Scaler", { "spec.minReplicas": 1 }),
  "service-is-inside": on("Service", { "spec.type": "NodePort" }),
  "service-leads-somewhere": on("Service", { "spec.selector": { app: "missing" } }),
  "ingress-speaks-tls": on("Ingress", { "spec.tls": undefined }),
  "configuration-has-no-secret": on("Settings", { "data.JWT_SECRET": "abc" }),
  "cluster-role-names-what-it-may": on("Role", { "rules.0.verbs": ["*"] }),
  "cluster-role-reads-no-secrets": on("Role", { "rules.0.resources": ["secrets"] }),
  "cluster-administrator-is-unbound": on("Binding", { "roleRef.name": "cluster-admin" }),
};

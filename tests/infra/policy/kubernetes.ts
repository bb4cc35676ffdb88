import type { Context, Resource } from "../../../infra/policy/resource.ts";
import { describeStage } from "../../../infra/stages.ts";

const labels = { app: "workers" };
const metadata = { name: "workers", namespace: "gotong" };

/** The context of a production with EKS that satisfies all rules. */
export const KUBERNETES: Context = {
  stage: { ...describeStage("production"), hasEks: true },
  isDev: false,
  label: "kubernetes",
};

const container = {
  name: "workers",
  image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/workers:1.2.3",
  ports: [{ containerPort: 9090 }],
  env: [{ name: "STAGE", value: "production" }],
  livenessProbe: { httpGet: { path: "/live", port: 9090 } },
  readinessProbe: { httpGet: { path: "/ready", port: 9090 } },
  resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "1", memory: "512Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
};
const pod = {
  serviceAccountName: "workers",
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 60,
  securityContext: { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: "RuntimeDefault" } },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "topology.kubernetes.io/zone" }],
  volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
  containers: [container],
};
const rbac = "kubernetes:rbac.authorization.k8s.io/v1";
const resource = (type: string, name: string, inputs: Readonly<Record<string, unknown>>): Resource => ({
  type,
  name,
  inputs,
});

/** One object of each kind that the rules about EKS and Kubernetes check; all pass. */
export const CLUSTER: readonly Resource[] = [
  resource("aws:eks/cluster:Cluster", "Cluster", {
    version: "1.34",
    deletionProtection: true,
    enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    encryptionConfig: { resources: ["secrets"], provider: { keyArn: "arn:aws:kms:us-east-1:123456789012:key/1" } },
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    computeConfig: { enabled: true, nodeRoleArn: "arn:aws:iam::123456789012:role/node" },
    vpcConfig: {
      endpointPublicAccess: false,
      endpointPrivateAccess: true,
      subnetIds: ["vpc-private-subnet1-id", "vpc-private-subnet2-id", "vpc-private-subnet3-id"],
    },
  }),
  resource("aws:eks/podIdentityAssociation:PodIdentityAssociation", "Identity", {
    namespace: "gotong",
    serviceAccount: "workers",
    roleArn: "arn:aws:iam::123456789012:role/workers",
  }),
  resource("aws:eks/addon:Addon", "Metrics", { addonName: "metrics-server" }),
  resource("aws:ecr/repository:Repository", "Repository", {
    imageTagMutability: "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: true },
  }),
  resource("aws:ecr/repositoryPolicy:RepositoryPolicy", "RepositoryPolicy", {
    policy: {
      Statement: { Effect: "Allow", Action: "ecr:BatchGetImage", Principal: { AWS: "arn:aws:iam::123456789012:root" } },
    },
  }),
  resource("aws:ec2/subnet:Subnet", "PrivateSubnet", {
    tags: { Name: "Private", "kubernetes.io/role/internal-elb": "1" },
  }),
  resource("aws:ec2/subnet:Subnet", "PublicSubnet", {
    id: "vpc-public-subnet1-id",
    tags: { Name: "Public", "kubernetes.io/role/elb": "1" },
  }),
  resource("aws:lambda/eventSourceMapping:EventSourceMapping", "Trigger", { enabled: false }),
  resource("kubernetes:core/v1:Namespace", "Namespace", {
    metadata: { name: "gotong", labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  }),
  resource("kubernetes:core/v1:ServiceAccount", "Account", { metadata, automountServiceAccountToken: false }),
  resource("kubernetes:core/v1:ConfigMap", "Settings", { metadata, data: { STAGE: "production" } }),
  resource("kubernetes:apps/v1:Deployment", "Workers", {
    metadata,
    spec: {
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate" },
      template: { metadata: { labels }, spec: pod },
    },
  }),
  resource("kubernetes:core/v1:Service", "Service", { metadata, spec: { type: "ClusterIP", selector: labels } }),
  resource("kubernetes:policy/v1:PodDisruptionBudget", "Disruption", {
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  }),
  resource("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "Scaler", {
    metadata,
    spec: { minReplicas: 3, maxReplicas: 10, scaleTargetRef: { kind: "Deployment", name: "workers" } },
  }),
  resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "Refuse", {
    metadata: { name: "refuse", namespace: "gotong" },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  }),
  resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", "AllowScrapes", {
    metadata,
    spec: { podSelector: { matchLabels: labels }, policyTypes: ["Ingress"], ingress: [{}] },
  }),
  resource("kubernetes:networking.k8s.io/v1:Ingress", "Ingress", {
    metadata,
    spec: { tls: [{ hosts: ["api.example.org"] }] },
  }),
  resource(`${rbac}:Role`, "Role", {
    metadata,
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
  }),
  resource(`${rbac}:RoleBinding`, "Binding", { metadata, roleRef: { kind: "Role", name: "workers" } }),
];

import { createKey } from "../key.ts";
import { deployment, nameOf, region, stage } from "../stage.ts";
import { RETENTION_DAYS } from "../retention.ts";
import { vpc } from "../network.ts";
import { clusterRole, nodeRole } from "./machine-roles.ts";

/**
 * Kubernetes version of the cluster. AWS supports a version for 14 months, and then upgrades the cluster to the next
 * one.
 */
const KUBERNETES_VERSION = "1.35";
/** The address range of Services, which the network policies contain. */
export const SERVICES_CIDR = "172.20.0.0/16";
const LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

const name = nameOf("pods", "eksCluster");

const key = createKey("ClusterKey", "Secrets of the EKS cluster");

/** The log group of the cluster. It must exist before the cluster, since EKS would create it without a retention time. */
const logs = new aws.cloudwatch.LogGroup("ClusterLogs", {
  name: `/aws/eks/${name}/cluster`,
  retentionInDays: RETENTION_DAYS[stage.logRetention],
});

const apiGroup = new aws.ec2.SecurityGroup("ClusterApiGroup", {
  vpcId: vpc.id,
  description: "Kubernetes API, for those who deploy",
});
for (const [index, cidr] of deployment.clusterCidrs.entries())
  new aws.vpc.SecurityGroupIngressRule(`ClusterApiFrom${index}`, {
    securityGroupId: apiGroup.id,
    description: "Deployments",
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: cidr,
  });

/** The cluster, in Auto Mode: AWS runs the nodes, load balancers and volumes. Its API has no public address. */
export const cluster = new aws.eks.Cluster(
  "Cluster",
  {
    name,
    version: KUBERNETES_VERSION,
    roleArn: clusterRole.arn,
    bootstrapSelfManagedAddons: false,
    deletionProtection: stage.isProtected,
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
    computeConfig: { enabled: true, nodePools: ["general-purpose", "system"], nodeRoleArn: nodeRole.arn },
    kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true }, serviceIpv4Cidr: SERVICES_CIDR },
    storageConfig: { blockStorage: { enabled: true } },
    vpcConfig: {
      subnetIds: vpc.privateSubnets,
      securityGroupIds: [apiGroup.id],
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
    },
    encryptionConfig: { resources: ["secrets"], provider: { keyArn: key.arn } },
    enabledClusterLogTypes: LOGS,
    upgradePolicy: { supportType: "STANDARD" }, // extended support costs six times as much
    zonalShiftConfig: { enabled: true },
  },
  { dependsOn: [logs, clusterRole, nodeRole] },
);

/** The add-on that gives the HPA (autoscaler) its CPU and memory metrics. */
export const metricsServer = new aws.eks.Addon("MetricsServer", {
  clusterName: cluster.name,
  addonName: "metrics-server",
  resolveConflictsOnUpdate: "OVERWRITE",
});

// By default EKS makes the creator of a cluster a hidden, permanent administrator. This access entry makes the
// deploying role a visible administrator instead.
const deployer = new aws.eks.AccessEntry("Deployer", {
  clusterName: cluster.name,
  principalArn: aws.iam.getSessionContextOutput({ arn: aws.getCallerIdentityOutput().arn }).issuerArn,
});
const deployerRights = new aws.eks.AccessPolicyAssociation("DeployerRights", {
  clusterName: cluster.name,
  principalArn: deployer.principalArn,
  policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
  accessScope: { type: "cluster" },
});

/**
 * The provider that deploys Kubernetes objects. It needs the AWS command line and network access to the private
 * endpoint (docs/eks.md).
 */
export const provider = new kubernetes.Provider(
  "Kubernetes",
  {
    kubeconfig: $jsonStringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [
        {
          name,
          cluster: {
            server: cluster.endpoint,
            "certificate-authority-data": cluster.certificateAuthority.data,
          },
        },
      ],
      users: [
        {
          name,
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1",
              interactiveMode: "Never",
              command: "aws",
              args: ["eks", "get-token", "--cluster-name", name, "--region", region],
            },
          },
        },
      ],
    }),
  },
  { dependsOn: [deployerRights] },
);

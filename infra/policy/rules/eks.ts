import { allowed } from "../document.ts";
import { at, list, text } from "../resource.ts";
import { each, keptStages, missing, never, of, type Rule, type Scope, together } from "../rule.ts";
import { inPublicSubnets } from "./subnets.ts";

const CLUSTER = "aws:eks/cluster:Cluster";
const without: Scope = { label: "stages without EKS", includes: ({ stage }) => !stage.hasEks };
const withKubernetes: Scope = { label: "stages with EKS", includes: ({ stage }) => stage.hasEks };

export const eks: readonly Rule[] = [
  each({
    id: "cluster-is-reached-inside",
    says: "The Kubernetes API is reached from the VPC",
    source: "infrastructure.md §6",
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "vpcConfig.endpointPrivateAccess") === true,
  }),
  each({
    id: "cluster-version-is-supported",
    says: "Kubernetes is a version in standard support: the extended one costs six times as much",
    source: "checkov CKV_AWS_339, prowler eks_cluster_uses_a_supported_version",
    types: [CLUSTER],
    passes: (cluster) => Number(text(cluster, "version").split(".")[1]) >= 33,
  }),
  each({
    id: "cluster-knows-people-by-iam",
    says: "Who may do what in the cluster is written in access entries, not in a map inside of it",
    source: "sst-notes §10",
    types: [CLUSTER],
    passes: (cluster) => text(cluster, "accessConfig.authenticationMode") === "API",
  }),
  each({
    id: "cluster-maker-is-no-administrator",
    says: "The creator of the cluster does not stay its administrator",
    source: "AWS documentation, EKS access entries",
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "accessConfig.bootstrapClusterCreatorAdminPermissions") !== true,
  }),
  each({
    id: "cluster-keeps-its-own-nodes",
    says: "Nodes are made, patched and replaced by EKS (Auto Mode)",
    source: "sst-notes §10, infrastructure.md §6",
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "computeConfig.enabled") === true,
  }),
  each({
    id: "cluster-spans-zones",
    says: "Nodes can run in every zone of the stage",
    source: "infrastructure.md §2, §6",
    types: [CLUSTER],
    passes: (cluster, { stage }) => new Set(list(cluster, "vpcConfig.subnetIds")).size >= stage.zones,
  }),
  together({
    id: "cluster-nodes-are-private",
    says: "Nodes lie in private subnets",
    source: "prowler eks_cluster_private_nodes_enabled",
    types: [CLUSTER],
    offenders: inPublicSubnets([CLUSTER], "vpcConfig.subnetIds"),
  }),
  each({
    id: "cluster-refuses-deletion",
    says: "A cluster of a stage that is kept refuses to be deleted",
    source: "prowler eks_cluster_deletion_protection_enabled",
    scope: keptStages,
    types: [CLUSTER],
    passes: (cluster) => at(cluster, "deletionProtection") === true,
  }),
  each({
    id: "pod-identity-names-one-account",
    says: "AWS gives a role to one service account of one namespace",
    source: "infrastructure.md §6",
    types: ["aws:eks/podIdentityAssociation:PodIdentityAssociation"],
    passes: (one) =>
      ![text(one, "namespace"), text(one, "serviceAccount")].some((name) => ["", "*", "default"].includes(name)),
  }),
  together({
    id: "pods-have-identity",
    says: "Pods get their rights by Pod Identity, and no role is shared with the nodes",
    source: "infrastructure.md §6",
    scope: withKubernetes,
    types: [CLUSTER],
    offenders: (resources) => {
      const associations = of(resources, "aws:eks/podIdentityAssociation:PodIdentityAssociation");
      return of(resources, CLUSTER).filter(
        (cluster) =>
          associations.length === 0 ||
          associations.some((one) => text(one, "roleArn") === text(cluster, "computeConfig.nodeRoleArn")),
      );
    },
  }),
  together({
    id: "cluster-measures-pods",
    says: "The metrics server is there: without it nothing scales",
    source: "sst-notes §10",
    scope: withKubernetes,
    types: ["aws:eks/addon:Addon"],
    offenders: (resources) =>
      of(resources, "aws:eks/addon:Addon").some((one) => text(one, "addonName") === "metrics-server")
        ? []
        : [missing("aws:eks/addon:Addon")],
  }),
  each({
    id: "repository-tags-do-not-move",
    says: "A tag of an image names the same image for ever",
    source: "prowler ecr_repositories_tag_immutability",
    types: ["aws:ecr/repository:Repository"],
    passes: (one) => text(one, "imageTagMutability") === "IMMUTABLE",
  }),
  each({
    id: "repository-scans-images",
    says: "Images are searched for known holes when they arrive",
    source: "prowler ecr_repositories_scan_images_on_push_enabled",
    types: ["aws:ecr/repository:Repository"],
    passes: (one) => at(one, "imageScanningConfiguration.scanOnPush") === true,
  }),
  each({
    id: "repository-is-not-public",
    says: "No repository of images is open to everybody",
    source: "prowler ecr_repositories_not_publicly_accessible",
    types: ["aws:ecr/repositoryPolicy:RepositoryPolicy"],
    passes: (one) =>
      allowed(at(one, "policy")).every(({ Principal }) => !Object.values(Principal).flat().includes("*")),
  }),
  never({
    id: "stage-has-no-cluster",
    says: "A stage that does not ask for EKS has no cluster: one costs $73 a month",
    source: "infrastructure.md §2",
    scope: without,
    types: [CLUSTER],
  }),
];

import { accountId } from "../stage.ts";

// Roles that AWS needs to run the cluster and its nodes. They have AWS's own policies for Auto Mode (EKS User Guide,
// "Auto Mode cluster IAM role" and "Auto Mode node IAM role"), and restrict which principals may assume them.
const policies = (...names: string[]) => names.map((name) => `arn:aws:iam::aws:policy/${name}`);

export const clusterRole = new aws.iam.Role("ClusterRole", {
  assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sts:AssumeRole", "sts:TagSession"],
        principals: [{ type: "Service", identifiers: ["eks.amazonaws.com"] }],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
      },
    ],
  }).json,
  managedPolicyArns: policies(
    "AmazonEKSClusterPolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
  ),
});

export const nodeRole = new aws.iam.Role("ClusterNodeRole", {
  assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
    statements: [
      { actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: ["ec2.amazonaws.com"] }] },
    ],
  }).json,
  managedPolicyArns: policies("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"),
});

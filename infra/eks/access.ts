import { cacheGroup } from "../cache.ts";
import { databaseGroup } from "../database.ts";
import type { Permission } from "../grants.ts";
import { accountId } from "../stage.ts";
import { cluster } from "./cluster.ts";

/**
 * Creates a role with exactly these permissions for the pods of a service account, by Pod Identity.
 * @returns resources that must exist before the pods start, since pods get credentials only at their start
 */
export function bindRole(
  name: string,
  namespace: $util.Input<string>,
  serviceAccount: string,
  permissions: readonly Permission[],
): aws.eks.PodIdentityAssociation {
  const role = new aws.iam.Role(`${name}PodRole`, {
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole", "sts:TagSession"],
          principals: [{ type: "Service", identifiers: ["pods.eks.amazonaws.com"] }],
          conditions: [
            { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
            { test: "ArnEquals", variable: "aws:SourceArn", values: [cluster.arn] },
          ],
        },
      ],
    }).json,
    inlinePolicies: [
      { name: "work", policy: aws.iam.getPolicyDocumentOutput({ statements: merged(permissions) }).json },
    ],
  });
  return new aws.eks.PodIdentityAssociation(`${name}PodIdentity`, {
    clusterName: cluster.name,
    namespace,
    serviceAccount,
    roleArn: role.arn,
  });
}

/**
 * Merges permissions with equal actions and conditions into one statement: an inline policy of a role has at most
 * 10,240 characters.
 */
function merged(permissions: readonly Permission[]) {
  const alike = ({ actions, conditions = [] }: Permission) => JSON.stringify([actions, conditions]);
  return [...Map.groupBy(permissions, alike).values()].map((same) => ({
    actions: same[0]?.actions ?? [],
    resources: $output(same.flatMap(({ resources }) => resources)).apply((arns) => [...new Set(arns)]),
    conditions: same[0]?.conditions ?? [],
  }));
}

// EKS Auto Mode puts pods into the cluster's own security group.
const podsGroup = cluster.vpcConfig.clusterSecurityGroupId;
for (const [name, group, port] of [
  ...(databaseGroup ? ([["Database", databaseGroup, 5432]] as const) : []),
  ...(cacheGroup ? ([["Cache", cacheGroup, 6379]] as const) : []),
] as const)
  new aws.vpc.SecurityGroupIngressRule(`${name}FromPods`, {
    securityGroupId: group.id,
    description: "Pods",
    referencedSecurityGroupId: podsGroup,
    ipProtocol: "tcp",
    fromPort: port,
    toPort: port,
  });

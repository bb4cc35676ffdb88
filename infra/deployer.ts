import { boundaryStatements, deployerPolicies } from "./deployer/index.ts";
import { resourceName } from "./names.ts";
import { accountId, deployment, nameOf, region, stage } from "./stage.ts";

const PROVIDER = "token.actions.githubusercontent.com";
const { deployer } = deployment;

/**
 * The role with which the GitHub workflows deploy this stage (docs/workflows.md); previews use the role that `dev`
 * creates. A person with permissions of their own must run the deployment that creates or changes the role: the role
 * may change neither itself nor the policy that limits the roles it creates.
 */
export const deployerRole = deployer === undefined || stage.kind === "preview" ? undefined : createDeployer(deployer);
if (deployer !== undefined && stage.kind === "preview")
  limitRoles($interpolate`arn:aws:iam::${accountId}:policy/${resourceName($app.name, "dev", "boundary", "policy")}`);

/** Sets the permissions boundary on every role of the stage except the deployer's. */
function limitRoles(boundaryArn: $util.Output<string>, boundary?: aws.iam.Policy): void {
  $transform(aws.iam.Role, (args, options, name) => {
    if (name === "Deployer") return;
    args.permissionsBoundary = boundaryArn;
    if (boundary)
      options.dependsOn = $output(options.dependsOn ?? []).apply((others) => [...[others].flat(), boundary]);
  });
}

function createDeployer(repository: string): aws.iam.Role {
  const isForPreviews = stage.kind === "dev";
  const environment = isForPreviews ? "preview" : stage.kind;
  const deployed = isForPreviews ? "pr-*" : stage.name;
  const document = (statements: unknown) => $jsonStringify({ Version: "2012-10-17", Statement: statements });
  const boundaryName = nameOf("boundary", "policy");
  const roleName = nameOf("deployer", "role");
  const arnOf = (kind: string, name: string) => $interpolate`arn:aws:iam::${accountId}:${kind}/${name}`;
  const boundary = new aws.iam.Policy("DeployerBoundary", {
    name: boundaryName,
    policy: document(accountId.apply((id) => boundaryStatements({ app: $app.name, stage: deployed, accountId: id }))),
  });
  if (!isForPreviews) limitRoles(boundary.arn, boundary);
  const role = new aws.iam.Role("Deployer", {
    name: roleName,
    maxSessionDuration: 4 * 3600, // the maximum duration of a release
    assumeRolePolicy: document([
      {
        Effect: "Allow",
        Action: "sts:AssumeRoleWithWebIdentity",
        Principal: { Federated: arnOf("oidc-provider", PROVIDER) },
        Condition: {
          StringEquals: {
            [`${PROVIDER}:aud`]: "sts.amazonaws.com",
            [`${PROVIDER}:sub`]: `repo:${repository}:environment:${environment}`,
          },
        },
      },
    ]),
  });
  const policies = $util
    .all([accountId, region, arnOf("policy", boundaryName), arnOf("role", roleName)])
    .apply(([id, where, boundaryArn, deployerArn]) =>
      deployerPolicies({
        app: $app.name,
        stage: deployed,
        accountId: id,
        region: where,
        boundaryArn,
        deployerArn,
        hasNetwork: !isForPreviews,
      }),
    );
  for (const group of ["compute", "roles", "storage", "watching", "edge", ...(isForPreviews ? [] : ["network"])]) {
    const policy = new aws.iam.Policy(`Deployer${group[0]?.toUpperCase()}${group.slice(1)}`, {
      name: nameOf(`deployer-${group}`, "policy"),
      policy: document(policies.apply((all) => all[group])),
    });
    new aws.iam.RolePolicyAttachment(`Deployer${group}Attachment`, { role: role.name, policyArn: policy.arn });
  }
  return role;
}

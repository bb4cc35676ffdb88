import { allowed, type Statement, statementsOf } from "../document.ts";
import { at, type Resource, text } from "../resource.ts";
import { each, of, type Rule, together } from "../rule.ts";

const ROLE = "aws:iam/role:Role";
const POLICY = "aws:iam/policy:Policy";
const DEPLOYER = "Deployer";
const BOUNDARY = "DeployerBoundary";

const isDeployers = (policy: Resource) => policy.name !== BOUNDARY;
const grants = (policy: Resource) => allowed(at(policy, "policy"));
const denied = (policy: Resource) => statementsOf(at(policy, "policy")).filter(({ Effect }) => Effect === "Deny");
/**
 * Pattern of actions that only read, with or without a wildcard; and of `lambda:EnableReplication*`, which CloudFront's
 * documentation writes with a wildcard.
 */
const READS = /^[a-z0-9-]+:(Get|List|Describe)[A-Za-z]*\*?$|^lambda:EnableReplication\*$/;
const conditionsOf = ({ Condition }: Statement) => Object.values(Condition).flatMap((keys) => Object.keys(keys));
/** Actions that change resources, but for which IAM supports neither names nor tags of resources. */
const NAMELESS = /^logs:(Create|Put|Delete)(Log)?Delivery(Source|Destination)?$/;

/** Rules for the role with which workflows deploy. */
export const deployer: readonly Rule[] = [
  each({
    id: "deployer-trusts-one-environment",
    says: "A role for workflows trusts one environment of one repository, whose rules decide who may deploy",
    source: "GitHub documentation, OpenID Connect in AWS; checkov CKV_AWS_358",
    types: [ROLE],
    passes: (role) =>
      allowed(at(role, "assumeRolePolicy"))
        .filter(({ Principal }) => Principal["Federated"] !== undefined)
        .every(
          ({ Condition }) =>
            text(Condition["StringEquals"]?.["token.actions.githubusercontent.com:aud"]) === "sts.amazonaws.com" &&
            /^repo:[\w.-]+\/[\w.-]+:environment:\w+$/.test(
              text(Condition["StringEquals"]?.["token.actions.githubusercontent.com:sub"]),
            ),
        ),
  }),
  each({
    id: "deployer-names-its-actions",
    says: "A deployer names what it changes; patterns are for reading",
    source: "infrastructure.md §4",
    types: [POLICY],
    passes: (policy) =>
      !isDeployers(policy) ||
      grants(policy).every(({ Action }) => Action.every((action) => !/[*?]/.test(action) || READS.test(action))),
  }),
  each({
    id: "deployer-changes-its-stage-alone",
    says: "A deployer changes what has the stage's name or tag",
    source: "AWS documentation, IAM: control access by resource tags",
    types: [POLICY],
    passes: (policy) =>
      !isDeployers(policy) ||
      grants(policy).every(
        (one) =>
          !one.Resource.includes("*") ||
          one.Action.every((action) => READS.test(action) || NAMELESS.test(action)) ||
          conditionsOf(one).some((key) => /^(aws:(Request|Resource)Tag\/sst:stage|lambda:FunctionArn)$/.test(key)),
      ),
  }),
  together({
    id: "deployer-makes-bounded-roles",
    says: "A deployer makes roles within a boundary, and may change neither itself nor that boundary",
    source: "AWS documentation, IAM: permissions boundaries for delegation",
    types: [POLICY],
    offenders: (resources) =>
      of(resources, POLICY).filter((policy) => {
        const makes = grants(policy).filter(({ Action }) =>
          Action.some((action) => /^iam:(CreateRole|PutRolePolicy|AttachRolePolicy)$/.test(action)),
        );
        if (makes.length === 0) return false;
        const isBounded = makes.every((one) => conditionsOf(one).includes("iam:PermissionsBoundary"));
        const spared = denied(policy).flatMap(({ Action, Resource: on }) => (Action.includes("iam:Put*") ? on : []));
        return !isBounded || !["-deployer", "-boundary"].every((name) => spared.some((one) => one.endsWith(name)));
      }),
  }),
  together({
    id: "roles-keep-to-the-boundary",
    says: "Where workflows deploy, every role has the boundary, which forbids administration",
    source: "AWS documentation, IAM: permissions boundaries for delegation",
    types: [ROLE],
    offenders: (resources) => {
      const [boundary] = of(resources, POLICY).filter(({ name }) => name === BOUNDARY);
      if (!boundary) return [];
      const forbids = ["iam:*", "organizations:*", "sts:AssumeRole"].every((action) =>
        denied(boundary).some(({ Action, Resource: on }) => Action.includes(action) && on.includes("*")),
      );
      const isOfPreviews = text(boundary, "policy").includes("-pr-*-");
      return of(resources, ROLE).filter(
        ({ name, inputs }) =>
          name !== DEPLOYER && !isOfPreviews && (!forbids || text(inputs["permissionsBoundary"]) === ""),
      );
    },
  }),
];

import { allowed, isForEveryone, namesItsSource, type Statement, servicesOf, statementsOf } from "../document.ts";
import { at, list, type Resource, text } from "../resource.ts";
import { each, never, type Rule } from "../rule.ts";

const ROLE = "aws:iam/role:Role";
/** Actions for which IAM does not support resources (Service Authorization Reference). */
const WITHOUT_RESOURCE =
  /^(xray:Put|ec2:Describe|logs:(Create|Get|Update|Delete|List)LogDelivery|logs:Describe|logs:PutResourcePolicy|ecr:GetAuthorizationToken|cloudwatch:PutMetricData)/;
/**
 * Services that assume a role only for resources of the role's own account. They need no condition on the account,
 * which Lambda and EC2 would not support anyway.
 */
const BOUND = [
  "lambda.amazonaws.com",
  "edgelambda.amazonaws.com",
  "ec2.amazonaws.com",
  "eks.amazonaws.com",
  "pods.eks.amazonaws.com",
];
/** AWS managed policies that cannot be narrowed, or that AWS documents for the service itself. */
const MANAGED =
  /:aws:policy\/(AmazonSSMManagedInstanceCore|AmazonEKS(Cluster|Compute|BlockStorage|LoadBalancing|Networking)Policy|AmazonEKSWorkerNodeMinimalPolicy|AmazonEC2ContainerRegistryPullOnly)$/;
/** Actions by which a role could extend its own or another role's permissions. */
const ESCALATION =
  /^(\*|iam:(\*|PassRole|Create(AccessKey|LoginProfile|PolicyVersion)|SetDefaultPolicyVersion|(Attach|Put|Detach|Delete)(User|Group|Role)Policy|UpdateAssumeRolePolicy|AddUserToGroup|UpdateLoginProfile)|lambda:(CreateFunction|UpdateFunctionCode)|sts:AssumeRole)$/i;
const CREDENTIALS =
  /^(secretsmanager:(GetSecretValue|BatchGetSecretValue)|ssm:GetParameters?(ByPath)?|iam:CreateAccessKey|rds-db:connect|kms:Decrypt)$/i;

/** Roles that may delete the files of deleted accounts and of unused uploads. */
const ERASES = /^(EvidenceWorkerRole|WorkersPodRole)$/;

const trustOf = (role: Resource) => allowed(at(role, "assumeRolePolicy"));
const grantsOf = (role: Resource): Statement[] =>
  list(role, "inlinePolicies").flatMap((inline) => allowed(at(inline, "policy")));
const mayNot = (role: Resource, forbidden: RegExp) =>
  grantsOf(role).every(({ Action }) => !Action.some((action) => forbidden.test(action)));
const isEverything = ({ Resource: resources }: Statement) => resources.includes("*");

export const roles: readonly Rule[] = [
  each({
    id: "role-trusts-services-only",
    says: "A role is assumed by a service, not by every identity of an account",
    source: "checkov CKV_AWS_60, CKV_AWS_61, sst-notes §12 I1",
    types: [ROLE],
    passes: (role) => trustOf(role).every(({ Principal }) => Principal["AWS"] === undefined),
  }),
  each({
    id: "role-trusts-somebody-named",
    says: "No role may be assumed by everybody",
    source: "prowler iam_no_custom_policy_permissive_role_assumption",
    types: [ROLE],
    passes: (role) => trustOf(role).length > 0 && !trustOf(role).some(isForEveryone),
  }),
  each({
    id: "role-names-for-whom-a-service-acts",
    says: "A service that acts for many accounts may assume a role for this one only",
    source:
      "prowler iam_role_cross_service_confused_deputy_prevention, iam_role_service_trust_restricts_source_to_account",
    types: [ROLE],
    passes: (role) =>
      trustOf(role).every((one) => namesItsSource(one) || servicesOf(one).every((service) => BOUND.includes(service))),
  }),
  each({
    id: "role-administers-nothing",
    says: "No role has AWS's policy for administrators, or one that is as wide",
    source:
      "checkov CKV_AWS_274, prowler iam_role_administratoraccess_policy, iam_aws_attached_policy_no_administrative_privileges, sst-notes §12 I4",
    types: [ROLE],
    passes: (role) =>
      list(role, "managedPolicyArns").every((arn) => !/Administrator|PowerUser|FullAccess/.test(text(arn))),
  }),
  each({
    id: "role-has-few-managed-policies",
    says: "A role has AWS's policies only where none of ours could be narrower",
    source: "infrastructure.md §4",
    types: [ROLE],
    passes: (role) => list(role, "managedPolicyArns").every((arn) => MANAGED.test(text(arn))),
  }),
  each({
    id: "role-may-not-do-everything",
    says: "No statement allows every action there is",
    source: "checkov CKV_AWS_62, CKV_AWS_63, prowler iam_inline_policy_no_administrative_privileges",
    types: [ROLE],
    passes: (role) => mayNot(role, /^\*(:\*)?$/),
  }),
  each({
    id: "role-names-its-actions",
    says: "No statement allows all of a service, or actions by a pattern",
    source: "sst-notes §12 I2, infrastructure.md §4",
    types: [ROLE],
    passes: (role) => mayNot(role, /[*?]/),
  }),
  each({
    id: "role-names-its-resources",
    says: "No statement allows an action on everything where IAM knows names",
    source: "checkov CKV_AWS_355, CKV_AWS_290",
    types: [ROLE],
    passes: (role) =>
      grantsOf(role).every((one) => !isEverything(one) || one.Action.every((action) => WITHOUT_RESOURCE.test(action))),
  }),
  each({
    id: "role-cannot-widen-itself",
    says: "No role can give itself more than it has",
    source: "checkov CKV_AWS_286, CKV_AWS_289, prowler iam_inline_policy_allows_privilege_escalation",
    types: [ROLE],
    passes: (role) => mayNot(role, ESCALATION),
  }),
  each({
    id: "role-reads-named-credentials-only",
    says: "A role reads only the secrets that it names",
    source: "checkov CKV_AWS_287, CKV_AWS_288",
    types: [ROLE],
    passes: (role) =>
      grantsOf(role).every((one) => !isEverything(one) || !one.Action.some((action) => CREDENTIALS.test(action))),
  }),
  each({
    id: "role-has-no-keys-to-everything",
    says: "No role may use or change every key",
    source: "prowler iam_inline_policy_no_full_access_to_kms",
    types: [ROLE],
    passes: (role) =>
      grantsOf(role).every((one) => !isEverything(one) || !one.Action.some((action) => action.startsWith("kms:"))),
  }),
  each({
    id: "role-says-what-it-may",
    says: "No statement allows all but something: what AWS adds tomorrow would be allowed as well",
    source: "AWS documentation, IAM best practices, NotAction",
    types: [ROLE],
    passes: (role) => grantsOf(role).every(({ NotAction, NotResource }) => NotAction.length + NotResource.length === 0),
  }),
  each({
    id: "role-cannot-hide-what-it-did",
    says: "No role may delete logs or stop their writing",
    source: "prowler iam_inline_policy_no_full_access_to_cloudtrail",
    types: [ROLE],
    passes: (role) =>
      mayNot(role, /^(cloudtrail:(\*|StopLogging|Delete)|logs:(\*|Delete(LogGroup|LogStream)|PutRetentionPolicy))/i),
  }),
  each({
    id: "role-cannot-delete-evidence",
    says: "No role deletes objects: the lifecycle of a bucket does, and for deleted accounts and unused uploads the worker of evidence",
    source: "infrastructure.md §4, docs/adr/0015, docs/adr/0034",
    types: [ROLE],
    passes: (role) =>
      mayNot(role, /^s3:(\*|Delete(?!Object(Version)?$)|PutBucket(?!Notification$)|PutLifecycle)/i) &&
      (ERASES.test(role.name) || mayNot(role, /^s3:(DeleteObject|BypassGovernanceRetention)/i)),
  }),
  each({
    id: "role-policies-can-be-read",
    says: "Every policy of a role states an effect on named things",
    source: "infrastructure.md §4",
    types: [ROLE],
    passes: (role) =>
      list(role, "inlinePolicies").every((inline) => {
        const statements = statementsOf(at(inline, "policy"));
        return statements.length > 0 && statements.every(({ Action, Resource: on }) => Action.length * on.length > 0);
      }),
  }),
  never({
    id: "no-user-with-keys",
    says: "No IAM user has long-lived keys: people use single sign-on, programs use roles",
    source: "checkov CKV_AWS_273, prowler iam_rotate_access_key_90_days",
    types: ["aws:iam/user:User", "aws:iam/accessKey:AccessKey"],
  }),
];

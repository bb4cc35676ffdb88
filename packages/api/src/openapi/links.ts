import { nameOf } from "./components.ts";
import type { Operation } from "./operation.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Operations that accept an id, each with the name of its parameter. */
type Targets = Readonly<Record<string, string>>;
interface Source {
  /** An OpenAPI runtime expression: the location of the id in the response or its request. */
  readonly at: string;
  readonly to: Targets;
  /** Prefix of the link names, if the id is not the id of the response itself. */
  readonly as?: string;
}

const accepting = (parameter: string, operations: string): Targets =>
  Object.fromEntries(operations.split(" ").map((id) => [id, parameter]));

const ADMIN_LISTS = accepting("target", "listReports listAuditLog");
const TASK: Targets = {
  ...accepting(
    "task_id",
    "getTask updateTask claimTask assignTask closeTask unassignTask startTask cancelTask completeTask cannotCome listAttendance markAttendance",
  ),
  ...accepting("task_id", "reportTask hideTask unhideTask listTaskComments commentOnTask"),
  ...accepting("task", "listContributions"),
  ...ADMIN_LISTS,
};
const CONTRIBUTION: Targets = {
  ...accepting("contribution_id", "getContribution listEvidence listVerifications verifyContribution createUpload"),
  ...accepting(
    "contribution_id",
    "submitEvidence reportContribution hideContribution unhideContribution getProof listContributionComments commentOnContribution",
  ),
  ...ADMIN_LISTS,
};
const EVIDENCE: Targets = {
  ...accepting(
    "evidence_id",
    "getEvidence answerEvidence withdrawEvidence downloadEvidence getThumbnail answerAttestation",
  ),
  ...accepting("evidence_id", "reportEvidence hideEvidence unhideEvidence"),
  ...ADMIN_LISTS,
};
const UPLOAD: Targets = accepting("upload_id", "getUpload createUploadParts");
const COMMENT: Targets = {
  ...accepting("comment_id", "getComment updateComment reportComment hideComment unhideComment"),
  ...ADMIN_LISTS,
};
/** Links to data about a member that every member may read. They also work for the caller's own id. */
const PROFILE: Targets = {
  ...accepting("user_id", "getUser getReputation listUserContributions listUserVouches"),
  ...accepting("creator", "listTasks"),
};
const MEMBER: Targets = {
  ...PROFILE,
  ...accepting("user_id", "reportUser blockUser unblockUser setRoles hideAvatar unhideAvatar"),
  ...ADMIN_LISTS,
};
const GET_USER = accepting("user_id", "getUser");

const contribution: readonly Source[] = [
  { at: "$response.body#/id", to: CONTRIBUTION },
  { at: "$response.body#/user_id", to: GET_USER, as: "owner" },
];

/** The link targets of the ids in a response, by the name of its schema. Nullable ids are omitted, so that a link always works. */
const SOURCES: Readonly<Record<string, readonly Source[]>> = {
  SignedIn: [{ at: "$response.body#/user/id", to: PROFILE }],
  OwnUser: [{ at: "$response.body#/id", to: PROFILE }],
  User: [{ at: "$response.body#/id", to: MEMBER }],
  Reputation: [{ at: "$response.body#/user_id", to: GET_USER }],
  Block: [{ at: "$response.body#/user_id", to: accepting("user_id", "getUser unblockUser") }],
  Skill: [{ at: "$response.body#/id", to: accepting("skill", "listTasks") }],
  Task: [
    { at: "$response.body#/id", to: TASK },
    { at: "$response.body#/creator_id", to: GET_USER, as: "creator" },
  ],
  Contribution: contribution,
  ContributionDetail: contribution,
  VerificationResult: [
    { at: "$request.path.contribution_id", to: accepting("contribution_id", "getContribution listVerifications") },
  ],
  // The `upload_id` is part of the body of `submitEvidence`, and a link cannot describe a part of a body.
  Upload: [
    { at: "$request.path.contribution_id", to: accepting("contribution_id", "submitEvidence") },
    { at: "$response.body#/upload_id", to: UPLOAD },
  ],
  UploadParts: [{ at: "$response.body#/upload_id", to: UPLOAD }],
  UploadProgress: [
    { at: "$response.body#/upload_id", to: UPLOAD },
    { at: "$response.body#/contribution_id", to: accepting("contribution_id", "submitEvidence"), as: "contribution" },
  ],
  Evidence: [
    { at: "$response.body#/id", to: EVIDENCE },
    { at: "$response.body#/contribution_id", to: accepting("contribution_id", "getContribution"), as: "contribution" },
    { at: "$response.body#/submitted_by", to: GET_USER, as: "submitter" },
  ],
  Comment: [
    { at: "$response.body#/id", to: COMMENT },
    { at: "$response.body#/author_id", to: GET_USER, as: "author" },
  ],
  Vouch: [
    {
      at: "$response.body#/vouchee_id",
      to: accepting("user_id", "getUser getReputation listUserVouches"),
      as: "vouchee",
    },
    { at: "$response.body#/voucher_id", to: GET_USER, as: "voucher" },
  ],
  PushSubscription: [{ at: "$response.body#/id", to: accepting("subscription_id", "unsubscribeFromPushes") }],
  CreatedInvitation: [{ at: "$response.body#/id", to: accepting("invitation_id", "revokeInvitation") }],
  Invitation: [{ at: "$response.body#/id", to: accepting("invitation_id", "revokeInvitation") }],
  Report: [{ at: "$response.body#/id", to: accepting("report_id", "getReport resolveReport") }],
  AdminReport: [
    { at: "$response.body#/id", to: accepting("report_id", "getReport resolveReport") },
    { at: "$response.body#/reporter_id", to: GET_USER, as: "reporter" },
    { at: "$response.body#/target_owner_id", to: GET_USER, as: "target_owner" },
  ],
};

interface Link {
  /** The name of the link in the response. */
  readonly name: string;
  /** The name of the link among the components: equal links of several responses share a component. */
  readonly component: string;
  readonly link: JsonSchema;
}

function linksFrom({ id }: Operation, answer: string): Link[] {
  return (SOURCES[answer] ?? []).flatMap(({ at, to, as }) =>
    Object.entries(to)
      .filter(([operationId]) => operationId !== id)
      .map(([operationId, parameter]) => {
        const source = at.replace(/^\$response\.body#\/|^\$request\./, "");
        return {
          name: as === undefined ? operationId : `${as}.${operationId}`,
          component: `${operationId}.${parameter}.${source.replaceAll("/", ".")}`,
          link: {
            operationId,
            parameters: { [parameter]: at },
            description: `\`${source}\` of this ${at.startsWith("$request") ? "request" : "response"} is the \`${parameter}\` of \`${operationId}\`.`,
          },
        };
      }),
  );
}

/** The links of an operation's response by name; empty if no other operation accepts one of its ids. */
export function linksOf(operation: Operation, answer: string): JsonSchema {
  const links = linksFrom(operation, answer).map(({ name, component }) => [
    name,
    { $ref: `#/components/links/${component}` },
  ]);
  return links.length > 0 ? { links: Object.fromEntries(links) } : {};
}

/** All links of the responses of these operations, for the section `components` of the document. */
export function linkComponents(operations: readonly Operation[]): JsonSchema {
  const links = operations.flatMap((operation) =>
    Object.values(operation.answers).flatMap((answer) =>
      typeof answer === "object" && answer !== null ? linksFrom(operation, nameOf(answer)) : [],
    ),
  );
  return Object.fromEntries(
    links.map(({ component, link }) => [component, link] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

import { nameOf } from "./components.ts";
import type { Operation } from "./operation.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Operations that take an id, each with the name of the parameter that takes it. */
type Takers = Readonly<Record<string, string>>;
interface Source {
  /** A runtime expression of OpenAPI: where the id is in the answer or in its request. */
  readonly at: string;
  readonly to: Takers;
  /** Prefix of the links' names, where the id is not the answer's own. */
  readonly as?: string;
}

const taking = (parameter: string, operations: string): Takers =>
  Object.fromEntries(operations.split(" ").map((id) => [id, parameter]));

const ADMIN_LISTS = taking("target", "listReports listAuditLog");
const TASK: Takers = {
  ...taking("task_id", "getTask updateTask claimTask assignTask unassignTask startTask cancelTask completeTask"),
  ...taking("task_id", "reportTask hideTask unhideTask"),
  ...taking("task", "listContributions"),
  ...ADMIN_LISTS,
};
const CONTRIBUTION: Takers = {
  ...taking("contribution_id", "getContribution listEvidence listVerifications verifyContribution createUpload"),
  ...taking("contribution_id", "submitEvidence reportContribution hideContribution unhideContribution"),
  ...ADMIN_LISTS,
};
const EVIDENCE: Takers = {
  ...taking("evidence_id", "getEvidence answerEvidence withdrawEvidence downloadEvidence"),
  ...taking("evidence_id", "reportEvidence hideEvidence unhideEvidence"),
  ...ADMIN_LISTS,
};
/** What everyone may read of a member, themselves included. */
const PROFILE: Takers = {
  ...taking("user_id", "getUser getReputation listUserContributions listUserVouches"),
  ...taking("creator", "listTasks"),
};
const MEMBER: Takers = {
  ...PROFILE,
  ...taking("user_id", "reportUser blockUser unblockUser setRoles"),
  ...ADMIN_LISTS,
};
const GET_USER = taking("user_id", "getUser");

const contribution: readonly Source[] = [
  { at: "$response.body#/id", to: CONTRIBUTION },
  { at: "$response.body#/user_id", to: GET_USER, as: "owner" },
];

/** Where the ids of an answer lead, by the name of the answer's schema. Ids that can be null are left out: a link always works. */
const SOURCES: Readonly<Record<string, readonly Source[]>> = {
  SignedIn: [{ at: "$response.body#/user/id", to: PROFILE }],
  OwnUser: [{ at: "$response.body#/id", to: PROFILE }],
  User: [{ at: "$response.body#/id", to: MEMBER }],
  Reputation: [{ at: "$response.body#/user_id", to: GET_USER }],
  Block: [{ at: "$response.body#/user_id", to: taking("user_id", "getUser unblockUser") }],
  Skill: [{ at: "$response.body#/id", to: taking("skill", "listTasks") }],
  Task: [
    { at: "$response.body#/id", to: TASK },
    { at: "$response.body#/creator_id", to: GET_USER, as: "creator" },
  ],
  Contribution: contribution,
  ContributionDetail: contribution,
  VerificationResult: [
    { at: "$request.path.contribution_id", to: taking("contribution_id", "getContribution listVerifications") },
  ],
  // The `upload_id` of the answer goes into the body of `submitEvidence`, which a link cannot say in part.
  Upload: [{ at: "$request.path.contribution_id", to: taking("contribution_id", "submitEvidence") }],
  Evidence: [
    { at: "$response.body#/id", to: EVIDENCE },
    { at: "$response.body#/contribution_id", to: taking("contribution_id", "getContribution"), as: "contribution" },
    { at: "$response.body#/submitted_by", to: GET_USER, as: "submitter" },
  ],
  Vouch: [
    {
      at: "$response.body#/vouchee_id",
      to: taking("user_id", "getUser getReputation listUserVouches"),
      as: "vouchee",
    },
    { at: "$response.body#/voucher_id", to: GET_USER, as: "voucher" },
  ],
  Invitation: [{ at: "$response.body#/id", to: taking("invitation_id", "revokeInvitation") }],
  Report: [{ at: "$response.body#/id", to: taking("report_id", "getReport resolveReport") }],
  AdminReport: [
    { at: "$response.body#/id", to: taking("report_id", "getReport resolveReport") },
    { at: "$response.body#/reporter_id", to: GET_USER, as: "reporter" },
    { at: "$response.body#/target_owner_id", to: GET_USER, as: "target_owner" },
  ],
};

interface Link {
  /** Its name in the answer. */
  readonly name: string;
  /** Its name among the components, which says what the link is: equal links of several answers are one component. */
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
            description: `\`${source}\` of this ${at.startsWith("$request") ? "request" : "answer"} is the \`${parameter}\` of \`${operationId}\`.`,
          },
        };
      }),
  );
}

/** The links of an operation's answer, by name; nothing for one without an id that another operation takes. */
export function linksOf(operation: Operation, answer: string): JsonSchema {
  const links = linksFrom(operation, answer).map(({ name, component }) => [
    name,
    { $ref: `#/components/links/${component}` },
  ]);
  return links.length > 0 ? { links: Object.fromEntries(links) } : {};
}

/** All links of the answers of these operations, for the document's components. */
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

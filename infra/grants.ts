import { cache } from "./cache.ts";
import { database } from "./database.ts";
import { hasMail, mailPermissions } from "./mail.ts";
import { queues } from "./queues.ts";
import {
  jwtKey,
  jwtKeyPrevious,
  mailKey,
  mailKeyPrevious,
  markovToken,
  proofKey,
  pushKey,
  webhookSecret,
  webhookSecretActiveFrom,
  webhookSecretPrevious,
} from "./secrets.ts";
import { stage } from "./stage.ts";
import { evidenceBucket } from "./storage.ts";

/** A permission for exactly these actions on these resources. */
export interface Permission {
  readonly actions: string[];
  readonly resources: $util.Input<string>[];
  readonly conditions?: { readonly test: string; readonly variable: string; readonly values: string[] }[];
}

/** Links and permissions of a process. */
export interface Grant {
  readonly link: $util.Resource[];
  readonly permissions: Permission[];
}

const { deliveries, breaker, outcomes, attempts, evidence, sweep, mail, dead, deadDeliveries } = queues;
const ORIGINALS = ["photos", "documents", "videos"].map((folder) => $interpolate`${evidenceBucket.arn}/${folder}/*`);
/** Uploaded originals of profile pictures, which are erased once the picture is made. */
const AVATARS = $interpolate`${evidenceBucket.arn}/avatars/*`;
const THUMBNAILS = $interpolate`${evidenceBucket.arn}/thumbnails/*`;
/** The signed roots of proofs, which are written only once. */
const ROOTS = $interpolate`${evidenceBucket.arn}/roots/*`;
/** Returns the permissions if the evidence bucket has object lock; without object lock they are not needed. */
const ifLocked = (...actions: string[]): string[] => (stage.hasObjectLock ? actions : []);
/** Returns the permissions to read scan results if GuardDuty scans the files. */
const ifGuardDuty = (...actions: string[]): string[] => (stage.malwareScanner === "guardduty" ? actions : []);
/**
 * Returns the extra links or actions of senders on stages with few triggers. There, senders send a sweep message; the
 * sweep then records the outcomes and passes other messages to their function.
 */
const ifFewTriggers = <T>(...extra: T[]): T[] => (stage.hasFewTriggers ? extra : []);
const SENDER_LINKS = [
  ...ifFewTriggers(sweep),
  breaker,
  outcomes,
  attempts,
  dead,
  webhookSecret,
  webhookSecretPrevious,
  ...(webhookSecretActiveFrom ? [webhookSecretActiveFrom] : []),
];

/** Links and permissions of the API, on Lambda and in pods. */
export const apiGrant: Grant = {
  link: [
    database,
    ...(cache ? [cache] : []),
    evidenceBucket,
    deliveries,
    evidence,
    sweep,
    mail,
    jwtKey,
    jwtKeyPrevious,
    mailKey,
    mailKeyPrevious,
    proofKey,
    ...(hasMail ? [pushKey] : []),
    markovToken,
  ],
  permissions: [
    sendTo(deliveries, evidence, sweep, mail),
    { actions: ["sqs:GetQueueAttributes"], resources: [sweep.arn] },
    { actions: ["s3:ListBucket"], resources: [evidenceBucket.arn] },
    // GetObject checks whether an upload is there; the others are for uploads in parts.
    {
      actions: ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
      resources: ORIGINALS,
    },
    // Allows downloads, which specify an object version, except of files in quarantine.
    {
      actions: ["s3:GetObjectVersion"],
      resources: ORIGINALS,
      conditions: [
        { test: "StringNotEquals", variable: "s3:ExistingObjectTag/quarantine", values: ["malware"] },
        {
          test: "StringNotEquals",
          variable: "s3:ExistingObjectTag/GuardDutyMalwareScanStatus",
          values: ["THREATS_FOUND"],
        },
      ],
    },
    { actions: ["s3:GetObject", "s3:GetObjectVersion"], resources: [THUMBNAILS] },
    // GetObject only checks whether an upload is there.
    { actions: ["s3:PutObject", "s3:GetObject"], resources: [AVATARS] },
  ],
};

/**
 * Links and permissions of the operators' command line inside of the VPC (packages/ops/src/commands.ts): the
 * database, mail, dead letters, Markov.
 */
export const opsGrant: Grant = {
  link: [
    database,
    ...(cache ? [cache] : []),
    evidenceBucket,
    deliveries,
    sweep,
    mail,
    dead,
    deadDeliveries,
    jwtKey,
    jwtKeyPrevious,
    mailKey,
    mailKeyPrevious,
    markovToken,
  ],
  permissions: [
    sendTo(deliveries, sweep, mail),
    receiveFrom(dead, deadDeliveries),
    { actions: ["s3:PutObject"], resources: [$interpolate`${evidenceBucket.arn}/exports/*`] },
  ],
};

/** Links and permissions of each worker. A function has only its own; a pod runs all workers and has all of them. */
export const workerGrants = {
  deliveries: {
    link: [deliveries, ...SENDER_LINKS],
    permissions: [receiveFrom(deliveries), sendTo(breaker, outcomes, attempts, dead, ...ifFewTriggers(sweep))],
  },
  breaker: {
    // The worker of `breaker` also attempts some of the waiting events.
    link: [deliveries, ...SENDER_LINKS],
    permissions: [receiveFrom(breaker, deliveries), sendTo(breaker, outcomes, attempts, dead, ...ifFewTriggers(sweep))],
  },
  outcomes: {
    link: [database, outcomes, attempts, sweep, dead],
    permissions: [receiveFrom(outcomes, attempts), sendTo(sweep, dead)],
  },
  evidence: {
    link: [database, evidenceBucket, deliveries, evidence, sweep, dead],
    permissions: [
      receiveFrom(evidence),
      sendTo(deliveries, evidence, sweep, dead),
      { actions: ["s3:ListBucket", "s3:ListBucketVersions"], resources: [evidenceBucket.arn] },
      // Allows the deletion of files: those of deleted members, also locked ones, and those that were never submitted.
      {
        actions: ["s3:DeleteObject", "s3:DeleteObjectVersion", ...ifLocked("s3:BypassGovernanceRetention")],
        resources: [...ORIGINALS, THUMBNAILS],
      },
      {
        actions: ["s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion"],
        resources: [AVATARS],
      },
      { actions: ["s3:AbortMultipartUpload"], resources: ORIGINALS },
      {
        actions: [
          "s3:GetObject",
          "s3:GetObjectVersion",
          "s3:PutObjectTagging",
          "s3:PutObjectVersionTagging",
          ...ifLocked("s3:PutObjectRetention"),
          ...ifGuardDuty("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
        ],
        resources: ORIGINALS,
      },
      { actions: ["s3:PutObject"], resources: [THUMBNAILS] },
    ],
  },
  mail: {
    link: [mail, sweep, dead, mailKey, mailKeyPrevious, pushKey],
    permissions: [receiveFrom(mail), sendTo(mail, sweep, dead), ...mailPermissions],
  },
  sweep: {
    link: [
      database,
      evidenceBucket,
      deliveries,
      attempts,
      evidence,
      sweep,
      dead,
      deadDeliveries,
      mail,
      mailKey,
      mailKeyPrevious,
      proofKey,
      ...ifFewTriggers(outcomes, breaker),
    ],
    permissions: [
      { actions: ["s3:PutObject", ...ifLocked("s3:PutObjectRetention")], resources: [ROOTS] },
      { actions: ["s3:AbortMultipartUpload"], resources: ORIGINALS }, // removes the parts of uploads that were not finished within a day
      receiveFrom(sweep, attempts, dead, deadDeliveries, ...ifFewTriggers(outcomes, evidence, breaker)),
      sendTo(deliveries, evidence, sweep, mail, dead),
    ],
  },
} satisfies Record<string, Grant>;

function sendTo(...to: sst.aws.Queue[]): Permission {
  return { actions: ["sqs:SendMessage"], resources: to.map((queue) => queue.arn) };
}

function receiveFrom(...from: sst.aws.Queue[]): Permission {
  return {
    actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
    resources: from.map((queue) => queue.arn),
  };
}

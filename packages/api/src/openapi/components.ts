import type * as v from "valibot";
import * as Audit from "@gotong/core/platform/audit/schema.ts";
import * as Avatar from "@gotong/core/domain/avatar/schema.ts";
import * as Block from "@gotong/core/domain/block/schema.ts";
import * as Comment from "@gotong/core/domain/comment/schema.ts";
import * as Contribution from "@gotong/core/domain/contribution/schema.ts";
import * as ContributionDetail from "@gotong/core/domain/contribution-detail/schema.ts";
import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import * as Export from "@gotong/core/domain/account/export/schema.ts";
import * as Health from "@gotong/core/platform/health-schema.ts";
import * as Invitation from "@gotong/core/domain/invitation/schema.ts";
import * as Mfa from "@gotong/core/domain/mfa/schema.ts";
import * as Notification from "@gotong/core/domain/notification/schema.ts";
import * as Proof from "@gotong/core/domain/proof/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import * as Reputation from "@gotong/core/domain/reputation/schema.ts";
import * as Session from "@gotong/core/domain/session/schema.ts";
import * as Skill from "@gotong/core/domain/skill/schema.ts";
import * as Task from "@gotong/core/domain/task/schema.ts";
import * as User from "@gotong/core/domain/user/schema.ts";
import * as Verification from "@gotong/core/domain/verification/schema.ts";
import * as VerificationQueue from "@gotong/core/domain/verification-queue/schema.ts";
import * as Vouch from "@gotong/core/domain/vouch/schema.ts";
import * as Webhook from "@gotong/core/webhook/schema.ts";
import * as Problem from "./problem-schema.ts";
import { type JsonSchema, answerSchemas } from "./json-schema.ts";

/** The name of each response schema in the document. Other schemas refer to a named schema by its name. */
const NAMED: Readonly<Record<string, v.GenericSchema>> = {
  Person: User.Person,
  PersonPage: User.PersonPage,
  User: User.Info,
  OwnUser: User.OwnInfo,
  Session: Session.Info,
  SessionPage: Session.InfoPage,
  Tokens: Session.Tokens,
  SignedIn: Session.SignedIn,
  Mfa: Mfa.Status,
  TotpSecret: Mfa.TotpSecret,
  RecoveryCodes: Mfa.RecoveryCodes,
  Reputation: Reputation.Info,
  Skill: Skill.Info,
  SkillPage: Skill.InfoPage,
  Task: Task.Info,
  TaskPage: Task.InfoPage,
  OpenTask: Task.Open,
  OpenTaskPage: Task.OpenPage,
  Attendance: Task.Attendance,
  AttendancePage: Task.AttendancePage,
  Contribution: Contribution.Info,
  ContributionPage: Contribution.InfoPage,
  ContributionDetail: ContributionDetail.Info,
  Verification: Contribution.Vote,
  VerificationPage: Contribution.VotePage,
  VerificationResult: Verification.Result,
  QueuedContribution: VerificationQueue.Info,
  QueuedContributionPage: VerificationQueue.InfoPage,
  Proof: Proof.Bundle,
  ProofLink: Proof.Link,
  ProofRoot: Proof.Root,
  ProofKeys: Proof.Keys,
  AvatarUpload: Avatar.AvatarUpload,
  OwnAvatar: Avatar.OwnAvatar,
  Upload: Evidence.Upload,
  UploadParts: Evidence.UploadParts,
  UploadProgress: Evidence.UploadProgress,
  Download: Evidence.Download,
  Thumbnail: Evidence.Thumbnail,
  Evidence: Evidence.Info,
  EvidencePage: Evidence.InfoPage,
  EvidenceDetails: Evidence.Details,
  Attestation: Evidence.Attestation,
  AttestationPage: Evidence.AttestationPage,
  Vouch: Vouch.Info,
  VouchPage: Vouch.InfoPage,
  Invitation: Invitation.Info,
  CreatedInvitation: Invitation.Created,
  InvitationPage: Invitation.InfoPage,
  Block: Block.Info,
  BlockPage: Block.InfoPage,
  Comment: Comment.Info,
  CommentPage: Comment.InfoPage,
  Notification: Notification.Info,
  NotificationFeed: Notification.Feed,
  UnreadNotifications: Notification.Unread,
  PushSubscription: Notification.Subscription,
  NotificationSettings: Notification.Settings,
  Report: Report.Info,
  AdminReport: Report.AdminInfo,
  AdminReportPage: Report.AdminInfoPage,
  WebhookEvent: Webhook.EventInfo,
  WebhookEventPage: Webhook.EventInfoPage,
  WebhookFailure: Webhook.FailureInfo,
  WebhookFailurePage: Webhook.FailureInfoPage,
  RedriveResult: Webhook.RedriveResult,
  AuditEntry: Audit.Entry,
  AuditEntryPage: Audit.EntryPage,
  Export: Export.Part,
  ExportedFile: Export.File,
  Live: Health.Live,
  Ready: Health.Ready,
  Health: Health.Health,
  FieldError: Problem.FieldError,
  Problem: Problem.Problem,
};

const names = new Map(Object.entries(NAMED).map(([name, schema]) => [schema, name]));

/** The response schemas as JSON Schema, by name. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = answerSchemas(NAMED);

/** The name of a response schema. @throws Error for a schema without a name in the document */
export function nameOf(schema: v.GenericSchema): string {
  const name = names.get(schema);
  if (name === undefined) throw new Error("packages/api/src/openapi/components.ts does not name a schema of an answer");
  return name;
}

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

// Generated from the API's OpenAPI document by `npm run openapi`. Do not edit.
/* oxlint-disable max-lines */

import type {
  PersonPage,
  User,
  OwnUser,
  SessionPage,
  Tokens,
  SignedIn,
  Mfa,
  TotpSecret,
  RecoveryCodes,
  Reputation,
  Skill,
  SkillPage,
  Task,
  TaskPage,
  OpenTaskPage,
  Attendance,
  AttendancePage,
  Contribution,
  ContributionPage,
  ContributionDetail,
  VerificationPage,
  VerificationResult,
  QueuedContributionPage,
  Proof,
  ProofKeys,
  AvatarUpload,
  OwnAvatar,
  Upload,
  UploadParts,
  UploadProgress,
  Download,
  Thumbnail,
  Evidence,
  EvidencePage,
  Attestation,
  AttestationPage,
  Vouch,
  VouchPage,
  CreatedInvitation,
  InvitationPage,
  Block,
  BlockPage,
  Comment,
  CommentPage,
  Notification,
  NotificationFeed,
  UnreadNotifications,
  PushSubscription,
  NotificationSettings,
  Report,
  AdminReport,
  AdminReportPage,
  WebhookEventPage,
  WebhookFailure,
  WebhookFailurePage,
  RedriveResult,
  AuditEntryPage,
  Export,
  Live,
  Ready,
  Health,
} from "./schemas.ts";

/** Input and response of every operation. */
export interface Operations {
  /** The public keys that check proofs of contributions, including former keys. */
  getProofKeys: { readonly input: {}; readonly answer: ProofKeys };
  /** The catalogue of problems. */
  getProblems: { readonly input: {}; readonly answer: string };
  /** The OpenAPI document as an HTML page. */
  getDocs: { readonly input: {}; readonly answer: string };
  /** Health of each dependency. */
  getHealth: { readonly input: { readonly query?: { readonly deep?: boolean } }; readonly answer: Health };
  /** Liveness of the process. */
  getLive: { readonly input: {}; readonly answer: Live };
  /** Metrics as Prometheus text. */
  getMetrics: { readonly input: {}; readonly answer: string };
  /** The OpenAPI document. */
  getOpenApi: { readonly input: {}; readonly answer: { readonly [name: string]: unknown } };
  /** Readiness for requests. */
  getReady: { readonly input: {}; readonly answer: Ready };
  /** The audit log, newest first. */
  listAuditLog: {
    readonly input: {
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly actor?: string;
        readonly action?: string;
        readonly target?: string;
      };
    };
    readonly answer: AuditEntryPage;
  };
  /** Hide a comment. */
  hideComment: {
    readonly input: { readonly path: { readonly comment_id: string }; readonly body: { readonly reason: string } };
    readonly answer: Comment;
  };
  /** Unhide a comment. */
  unhideComment: { readonly input: { readonly path: { readonly comment_id: string } }; readonly answer: Comment };
  /** Hide a contribution with its evidence. */
  hideContribution: {
    readonly input: { readonly path: { readonly contribution_id: string }; readonly body: { readonly reason: string } };
    readonly answer: Contribution;
  };
  /** Unhide a contribution. */
  unhideContribution: {
    readonly input: { readonly path: { readonly contribution_id: string } };
    readonly answer: Contribution;
  };
  /** Hide a piece of evidence. */
  hideEvidence: {
    readonly input: { readonly path: { readonly evidence_id: string }; readonly body: { readonly reason: string } };
    readonly answer: Evidence;
  };
  /** Unhide a piece of evidence. */
  unhideEvidence: { readonly input: { readonly path: { readonly evidence_id: string } }; readonly answer: Evidence };
  /** Resolve a report. */
  resolveReport: {
    readonly input: {
      readonly path: { readonly report_id: string };
      readonly body: {
        readonly outcome: "dismissed" | "warned" | "hidden";
        readonly note?: string | undefined;
        readonly include_same_target?: boolean | undefined;
      };
    };
    readonly answer: AdminReport;
  };
  /** One report. */
  getReport: { readonly input: { readonly path: { readonly report_id: string } }; readonly answer: AdminReport };
  /** Reports of members, oldest first. */
  listReports: {
    readonly input: {
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly status?: "open" | "resolved" | "all";
        readonly target_type?: "task" | "contribution" | "evidence" | "user" | "comment";
        readonly reason?: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
        readonly target?: string;
      };
    };
    readonly answer: AdminReportPage;
  };
  /** Hide a task. */
  hideTask: {
    readonly input: { readonly path: { readonly task_id: string }; readonly body: { readonly reason: string } };
    readonly answer: Task;
  };
  /** Unhide a task. */
  unhideTask: { readonly input: { readonly path: { readonly task_id: string } }; readonly answer: Task };
  /** Hide a member's profile picture. */
  hideAvatar: {
    readonly input: { readonly path: { readonly user_id: string }; readonly body: { readonly reason: string } };
    readonly answer: User;
  };
  /** Unhide a member's profile picture. */
  unhideAvatar: { readonly input: { readonly path: { readonly user_id: string } }; readonly answer: User };
  /** Set the roles of a member. */
  setRoles: {
    readonly input: {
      readonly path: { readonly user_id: string };
      readonly body: { readonly roles: readonly ("contributor" | "verifier" | "admin")[] };
    };
    readonly answer: User;
  };
  /** The events of the outbox, newest first. */
  listWebhookEvents: {
    readonly input: {
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly status?: "pending" | "delivered" | "dead";
      };
    };
    readonly answer: WebhookEventPage;
  };
  /** Redrive a dead-lettered event. */
  redriveWebhookFailure: {
    readonly input: { readonly path: { readonly failure_id: string } };
    readonly answer: WebhookFailure;
  };
  /** Redrive dead-lettered events, oldest first. */
  redriveWebhookFailures: {
    readonly input: {
      readonly body?: {
        readonly event_type?: "contribution_created" | "vouch_submitted" | "por_evidence" | undefined;
        readonly status?: number | undefined;
        readonly failed_from?: string | undefined;
        readonly failed_before?: string | undefined;
      };
    };
    readonly answer: RedriveResult;
  };
  /** Dead-lettered events, newest first. */
  listWebhookFailures: {
    readonly input: {
      readonly query?: { readonly limit?: number; readonly cursor?: string; readonly redriven?: "true" | "false" };
    };
    readonly answer: WebhookFailurePage;
  };
  /** Confirm a new e-mail address with the token of the mail. */
  confirmEmailChange: { readonly input: { readonly body: { readonly token: string } }; readonly answer: undefined };
  /** Verify an e-mail address with the token of the mail. */
  confirmEmailProof: { readonly input: { readonly body: { readonly token: string } }; readonly answer: undefined };
  /** Request another verification mail. */
  requestEmailProof: { readonly input: { readonly body: { readonly email: string } }; readonly answer: undefined };
  /** Sign in. */
  login: {
    readonly input: {
      readonly body: { readonly email: string; readonly password: string; readonly mfa_code?: string | undefined };
    };
    readonly answer: SignedIn;
  };
  /** End a session. */
  logout: { readonly input: { readonly body: { readonly refresh_token: string } }; readonly answer: undefined };
  /** Set a new password. */
  confirmPasswordReset: {
    readonly input: { readonly body: { readonly token: string; readonly password: string } };
    readonly answer: undefined;
  };
  /** Request a password reset token by mail. */
  requestPasswordReset: { readonly input: { readonly body: { readonly email: string } }; readonly answer: undefined };
  /** Exchange a refresh token for new tokens. */
  refreshTokens: { readonly input: { readonly body: { readonly refresh_token: string } }; readonly answer: Tokens };
  /** Create an account and sign in. */
  register: {
    readonly input: {
      readonly body: {
        readonly username: string;
        readonly email: string;
        readonly password: string;
        readonly invitation?: string | undefined;
      };
    };
    readonly answer: SignedIn;
  };
  /** A profile picture. */
  getAvatar: { readonly input: { readonly path: { readonly name: string } }; readonly answer: string };
  /** Report a comment to the admins. */
  reportComment: {
    readonly input: {
      readonly path: { readonly comment_id: string };
      readonly body: {
        readonly reason: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
        readonly details?: string | undefined;
      };
    };
    readonly answer: Report;
  };
  /** One comment. */
  getComment: { readonly input: { readonly path: { readonly comment_id: string } }; readonly answer: Comment };
  /** Edit a comment. */
  updateComment: {
    readonly input: { readonly path: { readonly comment_id: string }; readonly body: { readonly text: string } };
    readonly answer: Comment;
  };
  /** Comments on a contribution, oldest first. */
  listContributionComments: {
    readonly input: {
      readonly path: { readonly contribution_id: string };
      readonly query?: { readonly limit?: number; readonly cursor?: string };
    };
    readonly answer: CommentPage;
  };
  /** Comment on a contribution. */
  commentOnContribution: {
    readonly input: { readonly path: { readonly contribution_id: string }; readonly body: { readonly text: string } };
    readonly answer: Comment;
  };
  /** The evidence of a contribution, oldest first. */
  listEvidence: {
    readonly input: {
      readonly path: { readonly contribution_id: string };
      readonly query?: { readonly limit?: number; readonly cursor?: string };
    };
    readonly answer: EvidencePage;
  };
  /** Submit a piece of evidence. */
  submitEvidence: {
    readonly input: {
      readonly path: { readonly contribution_id: string };
      readonly body:
        | {
            readonly evidence_type: "photo_with_timestamp";
            readonly proof: { readonly timestamp: string; readonly media_hash: string };
            readonly upload_id: string;
            readonly evidence_data?: { readonly [name: string]: unknown } | undefined;
          }
        | {
            readonly evidence_type: "gps_verification";
            readonly proof: {
              readonly timestamp: string;
              readonly location: { readonly lat: number; readonly lon: number };
              readonly accuracy_meters?: number | undefined;
              readonly altitude_meters?: number | undefined;
              readonly speed_mps?: number | undefined;
            };
            readonly evidence_data?: { readonly [name: string]: unknown } | undefined;
          }
        | {
            readonly evidence_type: "witness_attestation";
            readonly proof: {
              readonly timestamp: string;
              readonly witnesses: readonly {
                readonly witness_name: string;
                readonly witness_id?: string | undefined;
                readonly relationship?: "supervisor" | "peer" | "beneficiary" | "other" | undefined;
                readonly statement?: string | undefined;
              }[];
            };
            readonly evidence_data?: { readonly [name: string]: unknown } | undefined;
          };
    };
    readonly answer: Evidence;
  };
  /** A signed file that proves a contribution to an outsider. */
  getProof: { readonly input: { readonly path: { readonly contribution_id: string } }; readonly answer: Proof };
  /** Report a contribution to the admins. */
  reportContribution: {
    readonly input: {
      readonly path: { readonly contribution_id: string };
      readonly body: {
        readonly reason: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
        readonly details?: string | undefined;
      };
    };
    readonly answer: Report;
  };
  /** Request an upload URL for one file. */
  createUpload: {
    readonly input: {
      readonly path: { readonly contribution_id: string };
      readonly body: {
        readonly file_name: string;
        readonly content_type:
          | "image/jpeg"
          | "image/png"
          | "image/webp"
          | "image/heic"
          | "application/pdf"
          | "video/mp4"
          | "video/quicktime";
        readonly size_bytes: number;
        readonly sha256: string;
      };
    };
    readonly answer: Upload;
  };
  /** The votes on a contribution, oldest first. */
  listVerifications: {
    readonly input: {
      readonly path: { readonly contribution_id: string };
      readonly query?: { readonly limit?: number; readonly cursor?: string };
    };
    readonly answer: VerificationPage;
  };
  /** Vote on a contribution. */
  verifyContribution: {
    readonly input: {
      readonly path: { readonly contribution_id: string };
      readonly body: {
        readonly outcome: "approved" | "rejected";
        readonly notes?: string | undefined;
        readonly evidence_version?: string | undefined;
      };
    };
    readonly answer: VerificationResult;
  };
  /** One contribution with its evidence and votes. */
  getContribution: {
    readonly input: { readonly path: { readonly contribution_id: string } };
    readonly answer: ContributionDetail;
  };
  /** Contributions, newest first. */
  listContributions: {
    readonly input: {
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly updated_since?: string;
        readonly status?: string;
        readonly type?: string;
        readonly skill?: string;
        readonly user?: string;
        readonly task?: string;
      };
    };
    readonly answer: ContributionPage;
  };
  /** Record a contribution without a task. */
  createContribution: {
    readonly input: {
      readonly body: {
        readonly contribution_type:
          | "task_completion"
          | "code_review"
          | "documentation"
          | "mentoring"
          | "event_organization"
          | "community_service"
          | "custom";
        readonly title: string;
        readonly description?: string | undefined;
        readonly skill_ids?: readonly string[] | undefined;
        readonly metadata?: { readonly [name: string]: unknown } | undefined;
      };
    };
    readonly answer: Contribution;
  };
  /** Confirm or decline an attestation that names you as a witness. */
  answerAttestation: {
    readonly input: { readonly path: { readonly evidence_id: string }; readonly body: { readonly confirm: boolean } };
    readonly answer: Attestation;
  };
  /** Accept or decline evidence that another member submitted for your contribution. */
  answerEvidence: {
    readonly input: { readonly path: { readonly evidence_id: string }; readonly body: { readonly accept: boolean } };
    readonly answer: Evidence;
  };
  /** Get a download URL of the original, valid for 15 minutes. */
  downloadEvidence: { readonly input: { readonly path: { readonly evidence_id: string } }; readonly answer: Download };
  /** Report a piece of evidence to the admins. */
  reportEvidence: {
    readonly input: {
      readonly path: { readonly evidence_id: string };
      readonly body: {
        readonly reason: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
        readonly details?: string | undefined;
      };
    };
    readonly answer: Report;
  };
  /** Get a URL of the thumbnail, valid for at least 30 minutes. */
  getThumbnail: { readonly input: { readonly path: { readonly evidence_id: string } }; readonly answer: Thumbnail };
  /** Withdraw a piece of evidence. */
  withdrawEvidence: {
    readonly input: {
      readonly path: { readonly evidence_id: string };
      readonly body?: { readonly reason?: string | undefined };
    };
    readonly answer: Evidence;
  };
  /** One piece of evidence. */
  getEvidence: { readonly input: { readonly path: { readonly evidence_id: string } }; readonly answer: Evidence };
  /** Revoke an invitation. */
  revokeInvitation: {
    readonly input: { readonly path: { readonly invitation_id: string } };
    readonly answer: undefined;
  };
  /** Your invitations, newest first; admins see all. */
  listInvitations: {
    readonly input: { readonly query?: { readonly limit?: number; readonly cursor?: string } };
    readonly answer: InvitationPage;
  };
  /** Invite a person by mail, or by a link. */
  createInvitation: {
    readonly input: {
      readonly body?: {
        readonly email?: string | undefined;
        readonly message?: string | undefined;
        readonly uses?: number | undefined;
      };
    };
    readonly answer: CreatedInvitation;
  };
  /** Attestations that wait for your answer as a witness, newest first. */
  listAttestations: {
    readonly input: { readonly query?: { readonly limit?: number; readonly cursor?: string } };
    readonly answer: AttestationPage;
  };
  /** Request an upload URL for a profile picture. */
  createAvatarUpload: {
    readonly input: {
      readonly body: {
        readonly content_type: "image/jpeg" | "image/png" | "image/webp";
        readonly size_bytes: number;
        readonly sha256: string;
      };
    };
    readonly answer: AvatarUpload;
  };
  /** Remove your profile picture. */
  removeAvatar: { readonly input: {}; readonly answer: undefined };
  /** Your profile picture. */
  getOwnAvatar: { readonly input: {}; readonly answer: OwnAvatar };
  /** Set an uploaded picture as your profile picture. */
  setAvatar: { readonly input: { readonly body: { readonly upload_id: string } }; readonly answer: OwnAvatar };
  /** Unblock a member. */
  unblockUser: { readonly input: { readonly path: { readonly user_id: string } }; readonly answer: undefined };
  /** Block a member. */
  blockUser: { readonly input: { readonly path: { readonly user_id: string } }; readonly answer: Block };
  /** Members whom you have blocked, newest first. */
  listBlocks: {
    readonly input: { readonly query?: { readonly limit?: number; readonly cursor?: string } };
    readonly answer: BlockPage;
  };
  /** Request a change of the e-mail address. */
  requestEmailChange: {
    readonly input: { readonly body: { readonly email: string; readonly password: string } };
    readonly answer: undefined;
  };
  /** Export your data. */
  exportMe: { readonly input: { readonly query?: { readonly cursor?: string } }; readonly answer: Export };
  /** Replace the recovery codes. */
  renewRecoveryCodes: {
    readonly input: { readonly body: { readonly password: string; readonly code: string } };
    readonly answer: RecoveryCodes;
  };
  /** Confirm the authenticator app with its first code. */
  confirmTotp: { readonly input: { readonly body: { readonly code: string } }; readonly answer: RecoveryCodes };
  /** Remove the second factor. */
  removeTotp: {
    readonly input: { readonly body: { readonly password: string; readonly code: string } };
    readonly answer: undefined;
  };
  /** Start the enrolment of an authenticator app. */
  enrolTotp: { readonly input: { readonly body: { readonly password: string } }; readonly answer: TotpSecret };
  /** Your second factor. */
  getMfa: { readonly input: {}; readonly answer: Mfa };
  /** Your notification settings. */
  getNotificationSettings: { readonly input: {}; readonly answer: NotificationSettings };
  /** Change your notification settings. */
  updateNotificationSettings: {
    readonly input: {
      readonly body?: {
        readonly time_zone?: string | undefined;
        readonly quiet_hours?: { readonly from: string; readonly until: string } | null | undefined;
        readonly preferences?:
          | {
              readonly task_claimed?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly task_assigned?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly task_given_back?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly task_unassigned?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly claim_expired?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly task_completed?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly task_cancelled?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly cannot_come?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly task_tomorrow?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly task_soon?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly marked_absent?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly verification_waiting?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly vote_received?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly contribution_decided?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly evidence_waiting?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly evidence_refused?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly vouch_received?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly witness_asked?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly witness_answered?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly comment_received?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly invitation_accepted?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly report_decided?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
              readonly content_hidden?:
                | {
                    readonly feed?: boolean | undefined;
                    readonly mail?: boolean | undefined;
                    readonly push?: boolean | undefined;
                  }
                | undefined;
            }
          | undefined;
      };
    };
    readonly answer: NotificationSettings;
  };
  /** Change the password. */
  changePassword: {
    readonly input: { readonly body: { readonly current_password: string; readonly new_password: string } };
    readonly answer: undefined;
  };
  /** Stop pushes to a device. */
  unsubscribeFromPushes: {
    readonly input: { readonly path: { readonly subscription_id: string } };
    readonly answer: undefined;
  };
  /** Register this device for pushes. */
  subscribeToPushes: {
    readonly input: {
      readonly body: {
        readonly endpoint: string;
        readonly expirationTime?: number | null | undefined;
        readonly keys: { readonly p256dh: string; readonly auth: string };
      };
    };
    readonly answer: PushSubscription;
  };
  /** End one of your sessions. */
  endSession: { readonly input: { readonly path: { readonly session_id: string } }; readonly answer: undefined };
  /** End all other sessions. */
  endOtherSessions: { readonly input: {}; readonly answer: undefined };
  /** Your open sessions, newest first. */
  listSessions: {
    readonly input: { readonly query?: { readonly limit?: number; readonly cursor?: string } };
    readonly answer: SessionPage;
  };
  /** Delete the account. */
  deleteMe: { readonly input: { readonly body: { readonly password: string } }; readonly answer: undefined };
  /** Your account. */
  getMe: { readonly input: {}; readonly answer: OwnUser };
  /** Change your profile. */
  updateMe: {
    readonly input: {
      readonly body?: {
        readonly username?: string | undefined;
        readonly display_name?: string | null | undefined;
        readonly bio?: string | null | undefined;
        readonly location?: string | null | undefined;
        readonly language?: "id" | "en" | null | undefined;
        readonly skill_ids?: readonly string[] | undefined;
      };
    };
    readonly answer: OwnUser;
  };
  /** Mark a notification as read. */
  readNotification: {
    readonly input: { readonly path: { readonly notification_id: string } };
    readonly answer: Notification;
  };
  /** Mark all notifications as read. */
  readNotifications: {
    readonly input: { readonly body?: { readonly up_to?: string | undefined } };
    readonly answer: UnreadNotifications;
  };
  /** Your notifications, newest first. */
  listNotifications: {
    readonly input: {
      readonly query?: { readonly limit?: number; readonly cursor?: string; readonly unread?: "true" | "false" };
    };
    readonly answer: NotificationFeed;
  };
  /** Open tasks for people without an account, newest first. */
  listOpenTasks: {
    readonly input: { readonly query?: { readonly limit?: number; readonly cursor?: string } };
    readonly answer: OpenTaskPage;
  };
  /** Skills, ordered by name. */
  listSkills: {
    readonly input: {
      readonly query?: { readonly limit?: number; readonly cursor?: string; readonly category?: string };
    };
    readonly answer: SkillPage;
  };
  /** Add a skill. */
  createSkill: {
    readonly input: { readonly body: { readonly name: string; readonly category: string } };
    readonly answer: Skill;
  };
  /** Assign an open task to a member. */
  assignTask: {
    readonly input: { readonly path: { readonly task_id: string }; readonly body: { readonly user_id: string } };
    readonly answer: Task;
  };
  /** The attendance of a task: expected members, and which of them came. */
  listAttendance: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly query?: { readonly limit?: number; readonly cursor?: string };
    };
    readonly answer: AttendancePage;
  };
  /** Mark a member as present or absent. */
  markAttendance: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly body: { readonly user_id: string; readonly was_present: boolean };
    };
    readonly answer: Attendance;
  };
  /** Cancel a task. */
  cancelTask: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly body?: { readonly reason?: string | undefined };
    };
    readonly answer: Task;
  };
  /** Give your place in a task back. */
  cannotCome: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly body?: { readonly reason?: string | undefined };
    };
    readonly answer: Task;
  };
  /** Claim an open task. */
  claimTask: { readonly input: { readonly path: { readonly task_id: string } }; readonly answer: Task };
  /** Close a task for several people before all places are taken. */
  closeTask: { readonly input: { readonly path: { readonly task_id: string } }; readonly answer: Task };
  /** Comments on a task, oldest first. */
  listTaskComments: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly query?: { readonly limit?: number; readonly cursor?: string };
    };
    readonly answer: CommentPage;
  };
  /** Comment on a task. */
  commentOnTask: {
    readonly input: { readonly path: { readonly task_id: string }; readonly body: { readonly text: string } };
    readonly answer: Comment;
  };
  /** Complete a task, which creates a contribution. */
  completeTask: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly body?: {
        readonly title?: string | undefined;
        readonly description?: string | undefined;
        readonly metadata?: { readonly [name: string]: unknown } | undefined;
      };
    };
    readonly answer: Contribution;
  };
  /** Report a task to the admins. */
  reportTask: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly body: {
        readonly reason: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
        readonly details?: string | undefined;
      };
    };
    readonly answer: Report;
  };
  /** Start the work on a task. */
  startTask: { readonly input: { readonly path: { readonly task_id: string } }; readonly answer: Task };
  /** Return a task to the open tasks. */
  unassignTask: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly body?: { readonly user_id?: string | undefined; readonly reason?: string | undefined };
    };
    readonly answer: Task;
  };
  /** One task. */
  getTask: { readonly input: { readonly path: { readonly task_id: string } }; readonly answer: Task };
  /** Change a task. */
  updateTask: {
    readonly input: {
      readonly path: { readonly task_id: string };
      readonly body?: {
        readonly title?: string | undefined;
        readonly description?: string | undefined;
        readonly difficulty?: "easy" | "intermediate" | "hard" | undefined;
        readonly location?: string | null | undefined;
        readonly coordinates?:
          | { readonly lat: number; readonly lon: number; readonly precision_km?: 1 | 5 | 20 | undefined }
          | null
          | undefined;
        readonly people_needed?: number | undefined;
        readonly starts_at?: string | null | undefined;
        readonly ends_at?: string | null | undefined;
        readonly claim_hours?: number | null | undefined;
        readonly repeats?: "weekly" | "monthly" | null | undefined;
        readonly estimated_hours?: number | null | undefined;
        readonly skill_ids?: readonly string[] | undefined;
        readonly metadata?: { readonly [name: string]: unknown } | undefined;
      };
    };
    readonly answer: Task;
  };
  /** Tasks, newest first. */
  listTasks: {
    readonly input: {
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly status?: string;
        readonly difficulty?: string;
        readonly skill?: string;
        readonly creator?: string;
        readonly assignee?: string;
        readonly q?: string;
        readonly updated_since?: string;
        readonly near?: string;
        readonly radius_km?: number;
      };
    };
    readonly answer: TaskPage;
  };
  /** Publish a task. */
  createTask: {
    readonly input: {
      readonly body: {
        readonly title: string;
        readonly description: string;
        readonly difficulty: "easy" | "intermediate" | "hard";
        readonly location?: string | undefined;
        readonly coordinates?:
          | { readonly lat: number; readonly lon: number; readonly precision_km?: 1 | 5 | 20 | undefined }
          | undefined;
        readonly people_needed?: number | undefined;
        readonly starts_at?: string | undefined;
        readonly ends_at?: string | undefined;
        readonly claim_hours?: number | undefined;
        readonly repeats?: "weekly" | "monthly" | undefined;
        readonly estimated_hours?: number | undefined;
        readonly skill_ids?: readonly string[] | undefined;
        readonly metadata?: { readonly [name: string]: unknown } | undefined;
      };
    };
    readonly answer: Task;
  };
  /** Request upload URLs for parts of a file. */
  createUploadParts: {
    readonly input: {
      readonly path: { readonly upload_id: string };
      readonly body: { readonly parts: readonly { readonly part_number: number; readonly sha256: string }[] };
    };
    readonly answer: UploadParts;
  };
  /** The parts of a file that the storage has received. */
  getUpload: { readonly input: { readonly path: { readonly upload_id: string } }; readonly answer: UploadProgress };
  /** A member's contributions, newest first. */
  listUserContributions: {
    readonly input: {
      readonly path: { readonly user_id: string };
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly updated_since?: string;
        readonly status?: string;
        readonly type?: string;
        readonly skill?: string;
      };
    };
    readonly answer: ContributionPage;
  };
  /** Report a member to the admins. */
  reportUser: {
    readonly input: {
      readonly path: { readonly user_id: string };
      readonly body: {
        readonly reason: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
        readonly details?: string | undefined;
      };
    };
    readonly answer: Report;
  };
  /** A member's reputation. */
  getReputation: { readonly input: { readonly path: { readonly user_id: string } }; readonly answer: Reputation };
  /** Vouches for a member, newest first. */
  listUserVouches: {
    readonly input: {
      readonly path: { readonly user_id: string };
      readonly query?: { readonly limit?: number; readonly cursor?: string };
    };
    readonly answer: VouchPage;
  };
  /** One member. */
  getUser: { readonly input: { readonly path: { readonly user_id: string } }; readonly answer: User };
  /** Find members by name or by id. */
  listUsers: {
    readonly input: {
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly q?: string;
        readonly ids?: string;
      };
    };
    readonly answer: PersonPage;
  };
  /** Contributions that wait for your vote, oldest first. */
  listVerificationQueue: {
    readonly input: { readonly query?: { readonly limit?: number; readonly cursor?: string } };
    readonly answer: QueuedContributionPage;
  };
  /** Vouches, newest first. */
  listVouches: {
    readonly input: {
      readonly query?: {
        readonly limit?: number;
        readonly cursor?: string;
        readonly voucher?: string;
        readonly vouchee?: string;
        readonly skill?: string;
      };
    };
    readonly answer: VouchPage;
  };
  /** Vouch for a member. */
  createVouch: {
    readonly input: {
      readonly body: {
        readonly vouchee_id: string;
        readonly skill_id?: string | undefined;
        readonly weight_hint?: "strong" | "moderate" | "light" | undefined;
        readonly message?: string | undefined;
      };
    };
    readonly answer: Vouch;
  };
}

import { ALL, type Symbols } from "./symbols.ts";

export interface Group {
  readonly symbols: Symbols;
  /** The test files that must detect a change of the symbols. */
  readonly tests: readonly string[];
}

/** Whether all tests of a group are in packages/: those need no database and finish within a second. */
export const isQuick = ({ tests }: Group) => tests.every((file) => file.startsWith("packages/"));

/**
 * The code that decides about sessions, limits and permissions, and the tests that must detect its mutants. `symbols.ts` finds
 * the lines.
 */
export const GROUPS: Readonly<Record<string, Group>> = {
  tokens: {
    symbols: {
      "packages/core/src/domain/session/token.ts": ALL,
      "packages/core/src/domain/session/access.ts": ALL,
      "packages/api/src/middleware/authentication.ts": ALL,
    },
    tests: ["packages/core/src/domain/session/token.test.ts", "tests/integration/session/access.test.ts"],
  },
  passwords: {
    symbols: {
      "packages/core/src/domain/password/password.ts": ALL,
      "packages/core/src/domain/password/guessable.ts": ALL,
    },
    tests: [
      "packages/core/src/domain/password/guessable.test.ts",
      "packages/core/src/domain/password/password.test.ts",
    ],
  },
  sessions: {
    symbols: {
      "packages/core/src/domain/session/session.ts": ["GRACE_SECONDS", "login", "refresh", "endStolen", "logout"],
      "packages/core/src/domain/session/record.ts": [
        "REFRESH_TOKEN_DAYS",
        "lockSessions",
        "begin",
        "assertNotTooMany",
        "storeToken",
        "revokeAll",
        "revoke",
      ],
      "packages/core/src/domain/session/own.ts": ["list", "end", "endOthers"],
    },
    tests: [
      "tests/integration/session/sessions.test.ts",
      "tests/integration/session/mfa.test.ts",
      "tests/integration/session/password-reset.test.ts",
      "tests/integration/session/access-tokens.test.ts",
    ],
  },
  ownPassword: {
    symbols: {
      "packages/core/src/domain/session/own-password.ts": ALL,
      "packages/core/src/domain/session/reset.ts": [
        "MAILS_PER_HOUR",
        "request",
        "mailLocked",
        "issue",
        "removeExpired",
        "confirm",
      ],
    },
    tests: [
      "tests/integration/session/reset-requests.test.ts",
      "tests/integration/session/password-reset.test.ts",
      "tests/integration/session/password-change.test.ts",
      "tests/integration/session/login-lockout.test.ts",
    ],
  },
  lockout: {
    symbols: {
      "packages/core/src/domain/session/lockout-rules.ts": ALL,
      "packages/core/src/domain/session/lockout.ts": ALL,
      "packages/core/src/domain/session/failed.ts": ALL,
    },
    tests: [
      "packages/core/src/domain/session/lockout-rules.test.ts",
      "tests/integration/session/lockout-counts.test.ts",
    ],
  },
  secondFactor: {
    symbols: {
      "packages/core/src/domain/account/mfa.ts": ALL,
      "packages/core/src/domain/mfa/code.ts": ALL,
      "packages/core/src/domain/session/second-factor.ts": ALL,
      "packages/core/src/domain/mfa/seal.ts": ALL,
      "packages/core/src/domain/mfa/totp.ts": ALL,
      "packages/core/src/platform/seal.ts": ALL,
    },
    tests: ["tests/integration/session/mfa.test.ts"],
  },
  hashing: {
    symbols: { "packages/core/src/domain/password/hashing.ts": ALL },
    tests: ["packages/core/src/domain/password/hashing.test.ts"],
  },
  shares: {
    symbols: { "packages/core/src/platform/bulkhead.ts": ALL, "packages/api/src/middleware/bulkhead.ts": ALL },
    tests: ["packages/core/src/platform/bulkhead.test.ts", "packages/api/src/middleware/bulkhead.test.ts"],
  },
  limits: {
    symbols: {
      "packages/core/src/platform/limit/limit.ts": [
        "take",
        "consume",
        "toResult",
        "options",
        "idOf",
        "memoryLimiter",
        "redisLimiter",
      ],
      "packages/api/src/middleware/rate-limit.ts": ALL,
    },
    tests: [
      "packages/core/src/platform/limit/limit.test.ts",
      "tests/integration/http/rate-limits.test.ts",
      "tests/integration/http/shared-address.test.ts",
      "tests/integration/evidence/uploads.test.ts",
    ],
  },
  evidenceLimits: {
    symbols: {
      "packages/core/src/domain/evidence/upload-quota.ts": ALL,
      "packages/core/src/domain/evidence/admission.ts": ["room", "assertRoom", "useOf", "countUnusedUploads"],
    },
    tests: ["tests/integration/evidence/limits.test.ts", "tests/integration/evidence/uploads.test.ts"],
  },
  unusedUploads: {
    symbols: {
      "packages/core/src/domain/evidence/unused-uploads.ts": ["end", "erase"],
      "packages/core/src/domain/evidence/upload.ts": ["grantedUpload"],
      "packages/core/src/domain/evidence/submit.ts": ["markUsed"],
    },
    tests: ["tests/integration/evidence/limits.test.ts", "tests/integration/evidence/uploads.test.ts"],
  },
  avatars: {
    symbols: {
      "packages/core/src/domain/avatar/avatar.ts": ["requestUpload", "set", "remove", "get"],
      "packages/core/src/domain/avatar/picture.ts": ALL,
      "packages/core/src/domain/avatar/queue.ts": ["enqueueOverdue"],
    },
    tests: ["tests/integration/account/avatar.test.ts"],
  },
  membershipQuotas: {
    symbols: {
      "packages/core/src/platform/limit/quota.ts": ALL,
      "packages/core/src/domain/account/register.ts": ["register", "usesOf"],
      "packages/core/src/domain/invitation/invitation.ts": [
        "create",
        "assertMayInvite",
        "perInviter",
        "PER_ADDRESS",
        "revoke",
      ],
      "packages/core/src/domain/invitation/accept.ts": ALL,
    },
    tests: [
      "tests/integration/platform/quota.test.ts",
      "tests/integration/account/invitations.test.ts",
      "tests/integration/account/invitation-links.test.ts",
      "tests/integration/account/registration.test.ts",
    ],
  },
  actor: {
    symbols: { "packages/core/src/platform/actor.ts": ALL, "packages/api/src/middleware/require-role.ts": ALL },
    tests: ["packages/core/src/platform/actor.test.ts", "packages/api/src/middleware/require-role.test.ts"],
  },
  roles: {
    symbols: { "packages/core/src/domain/user/roles.ts": ALL },
    tests: ["tests/integration/authorisation/domain.test.ts", "tests/integration/operator/admin.test.ts"],
  },
  proofOfEmail: {
    symbols: { "packages/api/src/middleware/verified-email.ts": ALL, "packages/core/src/domain/user/proven.ts": ALL },
    tests: [
      "packages/core/src/domain/user/proven.test.ts",
      "packages/api/src/middleware/verified-email.test.ts",
      "tests/integration/account/email-proof.test.ts",
    ],
  },
  taskRights: {
    symbols: {
      "packages/core/src/domain/task/row.ts": ["visible", "assertStatus", "assertManager"],
      "packages/core/src/domain/task/task.ts": ["assertAssignee"],
      "packages/core/src/domain/task/audit.ts": ALL,
    },
    tests: [
      "tests/integration/task/steps.test.ts",
      "tests/integration/moderation/hidden-content.test.ts",
      "tests/integration/session/sessions.test.ts",
      "tests/integration/authorisation/evidence.test.ts",
    ],
  },
  taskSteps: {
    symbols: {
      "packages/core/src/domain/task/row.ts": ["load", "lockTask"],
      "packages/core/src/domain/task/claims.ts": ["claim"],
      "packages/core/src/domain/task/task.ts": ["start", "complete"],
      "packages/core/src/domain/task/manage.ts": ["assign", "cancel"],
      "packages/core/src/domain/task/leave.ts": ["unassign", "free"],
    },
    tests: [
      "tests/integration/task/steps.test.ts",
      "tests/integration/task/several-people.test.ts",
      "tests/integration/moderation/hidden-content.test.ts",
      "tests/integration/moderation/blocks.test.ts",
      "tests/integration/session/sessions.test.ts",
    ],
  },
  attendance: {
    symbols: {
      "packages/core/src/domain/task/attendance.ts": ["attendance", "markAttendance", "isManager", "isPlace", "toInfo"],
      "packages/core/src/domain/task/leave.ts": ["cannotCome"],
      "packages/core/src/domain/task/reminders.ts": ["remind", "reschedule"],
    },
    tests: ["tests/integration/task/attendance.test.ts"],
  },
  places: {
    symbols: {
      "packages/core/src/domain/task/claims.ts": ["claimPlace", "give"],
      "packages/core/src/domain/task/places.ts": ALL,
      "packages/core/src/domain/task/state.ts": ["settle", "statusOf", "placesOf"],
    },
    tests: ["tests/integration/task/several-people.test.ts", "packages/core/src/domain/task/state.test.ts"],
  },
  comments: {
    symbols: { "packages/core/src/domain/comment/comment.ts": ["create", "edit"] },
    tests: ["tests/integration/task/comments.test.ts"],
  },
  notificationRules: {
    symbols: {
      "packages/core/src/domain/notification/digest-rules.ts": ALL,
      "packages/core/src/domain/notification/quiet-hours.ts": ALL,
      "packages/core/src/domain/notification/kinds.ts": ALL,
      "packages/core/src/domain/task/reminder-rules.ts": ALL,
    },
    tests: [
      "packages/core/src/domain/notification/digest-rules.test.ts",
      "packages/core/src/domain/notification/quiet-hours.test.ts",
      "packages/core/src/domain/notification/kinds.test.ts",
      "packages/core/src/domain/task/reminder-rules.test.ts",
    ],
  },
  evidence: {
    symbols: {
      "packages/core/src/domain/evidence/evidence.ts": ["get", "download"],
      "packages/core/src/domain/evidence/view.ts": ["visible", "maySeeDetails"],
      "packages/core/src/domain/evidence/list.ts": ["isOwn"],
      "packages/core/src/domain/evidence/consent.ts": ["consent", "answer"],
      "packages/core/src/domain/evidence/withdraw.ts": ALL,
      "packages/core/src/domain/evidence/close.ts": ALL,
    },
    tests: ["tests/integration/evidence/consent.test.ts", "tests/integration/authorisation/evidence.test.ts"],
  },
  verification: {
    symbols: {
      "packages/core/src/domain/verification/index.ts": ["vote", "assertSeen", "recordDecision", "decide", "tally"],
    },
    tests: [
      "packages/core/src/domain/verification/decide.test.ts",
      "tests/integration/verification/votes.test.ts",
      "tests/integration/verification/concurrent-votes.test.ts",
      "tests/integration/evidence/concurrency.test.ts",
    ],
  },
  blocks: {
    symbols: {
      "packages/core/src/domain/block/refuse.ts": ALL,
      "packages/core/src/domain/block/block.ts": ["add", "remove", "lockBoth", "find"],
    },
    tests: ["tests/integration/moderation/blocks.test.ts"],
  },
  hidden: {
    symbols: { "packages/core/src/domain/hidden/index.ts": ALL },
    tests: ["tests/integration/moderation/hidden-content.test.ts"],
  },
};

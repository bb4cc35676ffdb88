import { and, count, eq, gt, sql } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Daily } from "../../platform/limit/index.ts";
import { refuseBlocked } from "../block/index.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { verifications } from "../contribution/verification.sql.ts";
import { Hidden } from "../hidden/index.ts";
import { lockMembers } from "../user/row.ts";
import { evidence, isOpenUpload, uploads } from "./evidence.sql.ts";

// Whether a contribution takes another piece of evidence from the current member.

/**
 * Checks that a contribution is open for evidence of the current member, without a lock: a first check, before slow work.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONTENT_HIDDEN; VERIFICATION_CLOSED for a decided contribution
 */
export async function assertOpen(contributionId: string): Promise<void> {
  await assertPending(await ownerAndStatus(contributionId));
}

/**
 * Locks a contribution and its owner's account, and checks as {@link assertOpen}. The caller has locked the current
 * member's account.
 * @returns the owner's id
 */
export async function lockOpen(contributionId: string): Promise<string> {
  const contribution = await ownerAndStatus(contributionId, "no key update");
  // Cannot deadlock, although the contribution is locked first: only a deletion locks accounts exclusively, and it locks
  // no contribution.
  await lockMembers([contribution.userId]);
  await assertPending(contribution);
  return contribution.userId;
}

async function assertPending(contribution: Awaited<ReturnType<typeof ownerAndStatus>>): Promise<void> {
  Hidden.assertNot(contribution);
  await refuseBlocked([contribution.userId]);
  if (contribution.verificationStatus !== "pending") throw new AppError("VERIFICATION_CLOSED");
}

/**
 * Checks that the current member may add a piece to a locked contribution: has not voted on it, and is below all limits.
 * @throws AppError FORBIDDEN, RATE_LIMITED, EVIDENCE_LIMIT_REACHED
 */
export async function assertMayAdd(contributionId: string, ownerId: string): Promise<void> {
  const { userId } = Actor.member();
  await assertNoVote(contributionId, userId);
  const limit = Config.section("rules").EVIDENCE_LIMIT_PER_DAY;
  // Sends both queries in one round trip.
  await Promise.all([
    Daily.assertBelow({ id: evidence.id, owner: evidence.submittedBy, limit, things: "pieces of evidence" }, userId),
    assertRoom(contributionId, ownerId),
  ]);
}

/**
 * Rejects a piece from a verifier who has voted on the contribution: a vote judges the evidence, so a verifier must not
 * add evidence afterwards.
 */
async function assertNoVote(contributionId: string, userId: string): Promise<void> {
  const [vote] = await Db.use()
    .select({ id: verifications.id })
    .from(verifications)
    .where(and(eq(verifications.contributionId, contributionId), eq(verifications.verifierId, userId)));
  if (vote)
    throw new AppError("FORBIDDEN", { detail: "You voted on this contribution, so you cannot add evidence to it." });
}

interface Use {
  /**
   * Number of the member's pieces, including withdrawn and declined pieces: otherwise a member could add and withdraw
   * pieces without limit.
   */
  readonly own: number;
  /** Number of pieces that members other than the owner have added and that count or may still count. */
  readonly ofOthers: number;
}

/**
 * The number of further pieces that a member may add. The owner's share is reserved; all other members share the rest.
 */
export function room(
  { own, ofOthers }: Use,
  isOwner: boolean,
  limits: { readonly owner: number; readonly other: number; readonly inAll: number },
): number {
  if (isOwner) return Math.min(limits.owner, limits.inAll) - own;
  return Math.min(limits.other - own, limits.inAll - limits.owner - ofOthers);
}

/**
 * Rejects another piece of the current member if the limit is reached. Must run while the contribution is locked, so
 * that the second of two concurrent requests counts the piece of the first.
 * @param unusedUploads number of the member's unused uploads whose URL is still valid: each may become a piece
 * @throws AppError EVIDENCE_LIMIT_REACHED
 */
export async function assertRoom(contributionId: string, ownerId: string, unusedUploads = 0): Promise<void> {
  const { userId } = Actor.member();
  const rules = Config.section("rules");
  const limits = {
    owner: rules.EVIDENCE_LIMIT_OF_OWNER,
    other: rules.EVIDENCE_LIMIT_OF_OTHERS,
    inAll: rules.EVIDENCE_LIMIT_IN_ALL,
  };
  if (room(await useOf(contributionId, ownerId, userId), userId === ownerId, limits) > unusedUploads) return;
  throw new AppError("EVIDENCE_LIMIT_REACHED", {
    detail: `A contribution can have at most ${limits.owner} pieces of evidence from its owner, ${limits.other} from any other member, and ${limits.inAll} in all. Unused upload URLs count too.`,
  });
}

async function useOf(contributionId: string, ownerId: string, userId: string): Promise<Use> {
  const isOwn = sql`${evidence.submittedBy} = ${userId}`;
  // A refused file does not count, since it proves nothing and may be replaced. Refused files are limited by the upload
  // quota instead.
  const isRefusedFile = sql`${evidence.status} = 'refused' and ${evidence.refusalCode} <> 'CONSENT_DECLINED'`;
  const isOpen = sql`${evidence.status} in ('examining', 'awaiting_consent', 'accepted') and ${evidence.hiddenAt} is null`;
  const [row] = await Db.use()
    .select({
      own: sql<number>`count(*) filter (where ${isOwn} and not (${isRefusedFile}))`.mapWith(Number),
      ofOthers: sql<number>`count(*) filter (where ${evidence.submittedBy} <> ${ownerId} and ${isOpen})`.mapWith(
        Number,
      ),
    })
    .from(evidence)
    .where(eq(evidence.contributionId, contributionId));
  return row ?? { own: 0, ofOthers: 0 };
}

/** The number of a member's unused uploads for a contribution whose URL is still valid. */
export async function countUnusedUploads(contributionId: string, userId: string): Promise<number> {
  const [row] = await Db.use()
    .select({ uploads: count() })
    .from(uploads)
    .where(
      and(
        eq(uploads.contributionId, contributionId),
        eq(uploads.userId, userId),
        gt(uploads.expiresAt, Clock.now()),
        isOpenUpload,
      ),
    );
  return row?.uploads ?? 0;
}

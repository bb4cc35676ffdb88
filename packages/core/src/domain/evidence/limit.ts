import { and, count, eq, gt, sql } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { evidence, isOpenUpload, uploads } from "./evidence.sql.ts";

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
 * @param tickets number of the member's valid, unused upload URLs: each may become a piece
 * @throws AppError EVIDENCE_LIMIT_REACHED
 */
export async function assertRoom(contributionId: string, ownerId: string, tickets = 0): Promise<void> {
  const { userId } = Actor.member();
  const rules = Config.section("rules");
  const limits = {
    owner: rules.EVIDENCE_LIMIT_OF_OWNER,
    other: rules.EVIDENCE_LIMIT_OF_OTHERS,
    inAll: rules.EVIDENCE_LIMIT_IN_ALL,
  };
  if (room(await useOf(contributionId, ownerId, userId), userId === ownerId, limits) > tickets) return;
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

/** The number of valid, unused upload URLs of a member for a contribution. */
export async function openTickets(contributionId: string, userId: string): Promise<number> {
  const [row] = await Db.use()
    .select({ tickets: count() })
    .from(uploads)
    .where(
      and(
        eq(uploads.contributionId, contributionId),
        eq(uploads.userId, userId),
        gt(uploads.expiresAt, Clock.now()),
        isOpenUpload,
      ),
    );
  return row?.tickets ?? 0;
}

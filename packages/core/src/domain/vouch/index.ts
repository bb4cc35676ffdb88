import { and, eq, getTableColumns, lt } from "drizzle-orm";
import * as v from "valibot";
import { Actor, type Member } from "../../platform/actor.ts";
import { refuseBlocked } from "../block/index.ts";
import { Config } from "../../platform/config.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Event, WEIGHT_HINTS } from "../../outbox/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Acceptance } from "../invitation/accept.ts";
import { notify } from "../notification/notify.ts";
import { Quota } from "../../platform/limit/index.ts";
import { Page } from "../../platform/page.ts";
import { assertGoodStanding } from "../reputation/index.ts";
import { Skill } from "../skill/index.ts";
import { User, memberFilter, memberOf } from "../user/index.ts";
import { lockMembers } from "../user/row.ts";
import { personOf } from "../user/person.sql.ts";
import { MAX_CHARACTERS, vouches } from "./vouch.sql.ts";
import type { Info } from "./schema.ts";

export type { Info } from "./schema.ts";

export const Creation = v.strictObject({
  vouchee_id: Input.uuid,
  skill_id: v.optional(Input.uuid),
  weight_hint: v.optional(Input.oneOf(WEIGHT_HINTS)),
  message: v.optional(Input.text(0, MAX_CHARACTERS.message)),
});

const columns = {
  ...getTableColumns(vouches),
  voucher: personOf(vouches.voucherId),
  vouchee: personOf(vouches.voucheeId),
};

const paging = Page.paging("vouches", v.tuple([Input.uuid]));
/** Query parameters of the list of vouches for one member. */
export const ListQuery = v.strictObject(paging.query);
export const AllQuery = v.strictObject({
  ...paging.query,
  /** The id of the voucher, or `me`. */
  voucher: v.optional(memberFilter),
  /** The id of the vouchee, or `me`. */
  vouchee: v.optional(memberFilter),
  skill: v.optional(Input.uuid),
});

/**
 * Vouches for another member: once in general, and once for each skill.
 * @throws AppError RULE_VIOLATED for oneself; REPUTATION_TOO_LOW, ALREADY_VOUCHED, RATE_LIMITED; VALIDATION_FAILED for
 * an unknown member or skill; FORBIDDEN when the member has blocked the voucher; UNAVAILABLE when the voucher's
 * reputation is needed and cannot be read
 */
export async function create(input: v.InferOutput<typeof Creation>): Promise<Info> {
  const member = Actor.member();
  const { userId } = member;
  if (input.vouchee_id === userId) throw new AppError("RULE_VIOLATED", { detail: "You cannot vouch for yourself." });
  await assertMayVouch(member, input.vouchee_id); // before the transaction, since it sends a request to Markov
  try {
    return await Event.act(async () => {
      const members = await lockMembers([input.vouchee_id]);
      if (!members.has(input.vouchee_id))
        throw invalidField("vouchee_id", "unknown_reference", "must be the id of a member");
      await refuseBlocked([input.vouchee_id]);
      if (input.skill_id !== undefined) await Skill.assertOne(input.skill_id);
      await Quota.take(perMember(), userId);
      return insert(input);
    });
  } catch (error) {
    const broken = Db.brokenConstraint(error);
    if (broken === "vouches_per_skill_key" || broken === "vouches_general_key") throw new AppError("ALREADY_VOUCHED");
    throw error;
  }
}

/** Records a vouch of the current member. */
async function insert(input: v.InferOutput<typeof Creation>): Promise<Info> {
  const { userId: voucherId, username } = Actor.member();
  const row = Db.only(
    await Db.use()
      .insert(vouches)
      .values({
        id: Id.uuid(),
        voucherId,
        voucheeId: input.vouchee_id,
        skillId: input.skill_id ?? null,
        weightHint: input.weight_hint ?? null,
        message: input.message || null,
      })
      .returning(columns),
  );
  await notify([row.voucheeId], { kind: "vouch_received", actorId: voucherId });
  await Event.emit(
    Event.vouchSubject(voucherId, row.voucheeId),
    { id: voucherId, username },
    {
      event_type: "vouch_submitted",
      subject: {
        vouchee_id: row.voucheeId,
        ...(row.skillId === null ? {} : { skill_id: row.skillId }),
        ...(row.weightHint === null ? {} : { weight_hint: row.weightHint }),
        ...(row.message === null ? {} : { message: row.message }),
      },
    },
  );
  return toInfo(row);
}

const perMember = (): Quota.Quota => {
  const limit = Config.section("membership").VOUCH_LIMIT_PER_DAY;
  return { name: "vouches", limit, windowSeconds: 86_400, detail: `At most ${limit} vouches a day.` };
};

/**
 * Checks that a member may vouch: admins may; invited members may, except for their own inviter; other members need
 * enough reputation. Vouches of invited members let a new community start; the minimum reputation keeps unknown new
 * accounts from creating reputation for each other.
 */
async function assertMayVouch({ userId, roles }: Member, voucheeId: string): Promise<void> {
  if (roles.includes("admin") || Config.section("reputation").VOUCH_MINIMUM_REPUTATION === 0) return;
  const inviter = await Acceptance.inviterOf(userId);
  if (inviter !== undefined && inviter !== voucheeId) return;
  await assertGoodStanding(
    userId,
    (minimum) =>
      `To vouch you need a reputation of at least ${minimum}, or an invitation to this community from a member other than the one you vouch for. Verified contributions and vouches from others increase your reputation.`,
  );
}

/** Vouches that match all filters, newest first. */
export async function list(input: v.InferOutput<typeof AllQuery>): Promise<Page.Page<Info>> {
  const { limit, cursor, voucher, vouchee, skill } = input;
  const rows = await Db.use()
    .select(columns)
    .from(vouches)
    .where(
      and(
        optionalCondition(voucher, (id) => eq(vouches.voucherId, memberOf(id))),
        optionalCondition(vouchee, (id) => eq(vouches.voucheeId, memberOf(id))),
        optionalCondition(skill, (id) => eq(vouches.skillId, id)),
        optionalCondition(cursor, ([last]) => lt(vouches.id, last)),
      ),
    )
    .orderBy(newestFirst(vouches.id))
    .limit(limit + 1);
  return paging.page(rows, limit, (row) => [row.id], toInfo);
}

/**
 * The vouches that a member has received, newest first.
 * @throws AppError NOT_FOUND
 */
export function ofUser(userId: string, input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  return Db.onReader(() => readList(userId, input));
}

async function readList(userId: string, input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  await User.get(userId);
  return list({ ...input, vouchee: userId });
}

function toInfo(row: typeof vouches.$inferSelect & Pick<Info, "voucher" | "vouchee">): Info {
  return {
    id: row.id,
    voucher_id: row.voucherId,
    voucher: row.voucher,
    vouchee_id: row.voucheeId,
    vouchee: row.vouchee,
    skill_id: row.skillId,
    weight_hint: row.weightHint,
    message: row.message,
    created_at: row.createdAt.toISOString(),
  };
}

export * as Vouch from "./index.ts";

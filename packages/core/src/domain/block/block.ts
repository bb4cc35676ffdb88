import { and, count, eq, isNull, lt } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Config } from "../../platform/config.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { personOf } from "../user/person.sql.ts";
import { users } from "../user/user.sql.ts";
import { blocks } from "./block.sql.ts";
import type { Info } from "./schema.ts";

export type { Info } from "./schema.ts";

export const UserId = v.strictObject({ user_id: Input.uuid });

const paging = Page.paging("blocks", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject(paging.query);

const columns = { id: blocks.id, user: personOf(blocks.blockedId), createdAt: blocks.createdAt };

/**
 * Blocks a member, who then cannot act towards the blocker (docs/domain.md lists the acts). Idempotent.
 * @throws AppError NOT_FOUND for an unknown member; RULE_VIOLATED for oneself, and above `BLOCK_LIMIT` blocks
 */
export async function add(blockedId: string): Promise<Info> {
  const { userId } = Actor.member();
  if (blockedId === userId) throw new AppError("RULE_VIOLATED", { detail: "Members cannot block themselves." });
  return Db.transaction(async () => {
    await lockBoth(userId, blockedId);
    const before = await find(userId, blockedId);
    if (before) return before;
    const limit = Config.section("rules").BLOCK_LIMIT;
    const [kept] = await Db.use().select({ blocks: count() }).from(blocks).where(eq(blocks.blockerId, userId));
    if ((kept?.blocks ?? 0) >= limit)
      throw new AppError("RULE_VIOLATED", { detail: `A member can block at most ${limit} others.` });
    await Db.use().insert(blocks).values({ id: Id.uuid(), blockerId: userId, blockedId });
    const made = await find(userId, blockedId);
    if (!made) throw new Error("the block was not inserted");
    return made;
  });
}

/** Removes a block. Idempotent. */
export async function remove(blockedId: string): Promise<void> {
  const { userId } = Actor.member();
  await Db.use()
    .delete(blocks)
    .where(and(eq(blocks.blockerId, userId), eq(blocks.blockedId, blockedId)));
}

/** The members whom the current member has blocked, latest first. */
export async function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const { userId } = Actor.member();
  const rows = await Db.use()
    .select(columns)
    .from(blocks)
    .where(
      and(
        eq(blocks.blockerId, userId),
        optionalCondition(input.cursor, ([last]) => lt(blocks.id, last)),
      ),
    )
    .orderBy(newestFirst(blocks.id))
    .limit(input.limit + 1);
  return paging.page(rows, input.limit, (row) => [row.id], toInfo);
}

/**
 * Locks both accounts in the order of their ids, as `lockMembers` does. Locks the blocker's account with "update",
 * which waits for all acts in progress towards the blocker: each of them locks the account with "key share" before it
 * checks for blocks.
 * @throws AppError UNAUTHENTICATED, NOT_FOUND when one of the accounts is deleted
 */
async function lockBoth(blockerId: string, blockedId: string): Promise<void> {
  for (const id of [blockerId, blockedId].toSorted()) {
    const [row] = await Db.use()
      .select({ id: users.id })
      .from(users)
      .where(and(eq(users.id, id), isNull(users.deletedAt)))
      .for(id === blockerId ? "update" : "key share");
    if (!row) throw new AppError(id === blockerId ? "UNAUTHENTICATED" : "NOT_FOUND");
  }
}

async function find(blockerId: string, blockedId: string): Promise<Info | undefined> {
  const [row] = await Db.use()
    .select(columns)
    .from(blocks)
    .where(and(eq(blocks.blockerId, blockerId), eq(blocks.blockedId, blockedId)));
  return row && toInfo(row);
}

function toInfo({ user, createdAt }: Pick<Info, "user"> & { readonly createdAt: Date }): Info {
  return { user_id: user.id, user, username: user.username, created_at: createdAt.toISOString() };
}

export * as Block from "./block.ts";

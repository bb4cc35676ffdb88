import { and, eq, inArray } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Language } from "../../platform/language/index.ts";
import { Daily } from "../../platform/limit/index.ts";
import { Storage } from "../../platform/storage/index.ts";
import { Sweep } from "../../outbox/index.ts";
import { Hidden } from "../hidden/index.ts";
import { lockMembers } from "../user/row.ts";
import { users } from "../user/user.sql.ts";
import { GONE, avatars } from "./avatar.sql.ts";
import type { AvatarInput } from "./input.ts";
import { enqueue } from "./queue.ts";
import { AVATARS_PER_DAY, AVATAR_EXTENSIONS, AVATAR_URL_SECONDS } from "./rules.ts";
import type { AvatarUpload, OwnAvatar } from "./schema.ts";

/**
 * A URL that accepts one picture of at most 2 MB, bound to its key, length, type and hash, for 5 minutes.
 * @throws AppError RATE_LIMITED after {@link AVATARS_PER_DAY} in 24 hours
 */
export async function requestUpload(input: v.InferOutput<typeof AvatarInput.UploadRequest>): Promise<AvatarUpload> {
  const { userId } = Actor.member();
  const { content_type: contentType, size_bytes: sizeBytes, sha256 } = input;
  const id = Id.uuid();
  const objectKey = `avatars/${id}.${AVATAR_EXTENSIONS[contentType]}`;
  const now = Clock.now();
  const expiresAt = new Date(now.getTime() + AVATAR_URL_SECONDS * 1000);
  const signed = await Storage.presignPut({ key: objectKey, contentType, sizeBytes, sha256 }, AVATAR_URL_SECONDS);
  await Db.transaction(async () => {
    // Requests of one member run one after another, so that the limit counts all of them.
    await lockMembers([], "no key update");
    const limited = { id: avatars.id, owner: avatars.userId, limit: AVATARS_PER_DAY, things: "profile pictures" };
    await Daily.assertBelow(limited, userId);
    await Db.use()
      .insert(avatars)
      .values({ id, userId, objectKey, contentType, sizeBytes, sha256, expiresAt, createdAt: now, updatedAt: now });
  });
  return { upload_id: id, ...signed, expires_at: expiresAt.toISOString() };
}

/**
 * Sets an uploaded picture as the current member's profile picture, once it is examined; until then the former one
 * stays. Replaces a picture that is still in examination or was refused.
 * @throws AppError VALIDATION_FAILED for an upload that is not the member's; UPLOAD_MISSING, UPLOAD_MISMATCH,
 * UPLOAD_ALREADY_USED
 */
export async function set({ upload_id: id }: v.InferOutput<typeof AvatarInput.Choice>): Promise<OwnAvatar> {
  const { userId } = Actor.member();
  const own = and(eq(avatars.id, id), eq(avatars.userId, userId));
  const [upload] = await Db.use()
    .select({
      status: avatars.status,
      objectKey: avatars.objectKey,
      sizeBytes: avatars.sizeBytes,
      contentType: avatars.contentType,
    })
    .from(avatars)
    .where(own);
  if (!upload) throw invalidField("upload_id", "unknown_reference", "must be the id of one of your uploads");
  if (upload.status !== "requested" || upload.objectKey === null) throw new AppError("UPLOAD_ALREADY_USED");
  const stored = await Storage.head(upload.objectKey);
  if (!stored) throw new AppError("UPLOAD_MISSING");
  if (stored.sizeBytes !== upload.sizeBytes || stored.contentType !== upload.contentType)
    throw new AppError("UPLOAD_MISMATCH");
  await Sweep.arm(); // if a crash follows the commit, the sweep enqueues the examination
  return Db.transaction(async () => {
    await lockMembers([], "no key update");
    const now = Clock.now();
    await Db.use()
      .update(avatars)
      .set({ ...GONE, updatedAt: now })
      .where(and(eq(avatars.userId, userId), inArray(avatars.status, ["examining", "refused"])));
    const changed = await Db.use()
      .update(avatars)
      .set({ status: "examining", objectVersionId: stored.versionId ?? null, updatedAt: now })
      .where(and(own, eq(avatars.status, "requested")))
      .returning({ id: avatars.id });
    if (changed.length === 0) throw new AppError("UPLOAD_ALREADY_USED");
    await Db.afterCommit(() => enqueue(id).catch(() => undefined)); // the sweep repeats a lost message
    return get();
  });
}

/** Removes the current member's profile picture, also one in examination. Does nothing without a picture. */
export async function remove(): Promise<void> {
  const { userId } = Actor.member();
  await Sweep.arm(); // the sweep lets a worker erase the original of a picture in examination
  await Db.transaction(async () => {
    await lockMembers([], "no key update");
    const now = Clock.now();
    await Db.use()
      .update(avatars)
      .set({ ...GONE, updatedAt: now })
      .where(and(eq(avatars.userId, userId), inArray(avatars.status, ["examining", "accepted", "refused"])));
    await Db.use().update(users).set({ avatar: null, updatedAt: now }).where(eq(users.id, userId));
    await Cache.invalidate("tasks"); // cached lists of tasks contain the picture's path
  });
}

/**
 * The current member's profile picture, and the result of the latest examination, which may concern a newer picture.
 */
export async function get(): Promise<OwnAvatar> {
  const { userId } = Actor.member();
  const rows = await Db.use()
    .select({
      status: avatars.status,
      refusalCode: avatars.refusalCode,
      refusalDetail: avatars.refusalDetail,
      hiddenAt: avatars.hiddenAt,
      hiddenReason: avatars.hiddenReason,
      name: avatars.name,
    })
    .from(avatars)
    .where(and(eq(avatars.userId, userId), inArray(avatars.status, ["accepted", "examining", "refused"])));
  const current = rows.find(({ status }) => status === "accepted");
  const isExamining = rows.some(({ status }) => status === "examining");
  const refused = rows.find(({ status }) => status === "refused");
  const say = await Language.voice(Actor.language() ?? "en");
  return {
    avatar_url: current?.name && current.hiddenAt === null ? `/v1/avatars/${current.name}` : null,
    status: isExamining ? "examining" : refused ? "refused" : current ? "accepted" : "none",
    refusal: refused ? { code: refused.refusalCode ?? "", detail: say(refused.refusalDetail ?? "") } : null,
    hidden: current ? Hidden.mark(current) : null,
  };
}

export * as Avatar from "./avatar.ts";

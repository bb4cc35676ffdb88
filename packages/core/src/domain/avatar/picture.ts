import { and, eq, isNull } from "drizzle-orm";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { avatars } from "./avatar.sql.ts";

/**
 * The picture with this name, a WebP. Its name is a secret of the members to whom lists show it, so it needs no access
 * token: docs/adr/0045-avatars.md.
 * @throws AppError NOT_FOUND, also for a hidden picture
 */
export async function read(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const [row] = await Db.use()
    .select({ picture: avatars.picture })
    .from(avatars)
    .where(and(eq(avatars.name, name), isNull(avatars.hiddenAt)));
  if (!row?.picture) throw new AppError("NOT_FOUND");
  return new Uint8Array(row.picture);
}

export * as AvatarPicture from "./picture.ts";

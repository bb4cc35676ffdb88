import { eq } from "drizzle-orm";
import { Db } from "../../platform/db/index.ts";
import { users } from "./user.sql.ts";

/**
 * The id and the name of a member, for an event; a deleted account has its placeholder name.
 * @throws Error for an unknown id
 */
export async function authorOf(userId: string): Promise<{ readonly id: string; readonly username: string }> {
  const [row] = await Db.use()
    .select({ id: users.id, username: users.username })
    .from(users)
    .where(eq(users.id, userId));
  if (!row) throw new Error("an event of an unknown member");
  return row;
}

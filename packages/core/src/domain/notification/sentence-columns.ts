import { sql } from "drizzle-orm";
import { notifications } from "./notification.sql.ts";
import { shown, title } from "./shown.ts";

/** The columns from which mails and pushes build a sentence: of the acting member, only the username. */
export const sentenceColumns = {
  ...shown,
  title,
  actor: sql<string | null>`(select a.username from users a where a.id = ${notifications.actorId})`,
};

import { sql } from "drizzle-orm";
import { notifications } from "./notification.sql.ts";
import { shown, title } from "./shown.ts";

/** What a sentence is made of, in mails and pushes: of the acting member only the username. */
export const sentenceColumns = {
  ...shown,
  title,
  actor: sql<string | null>`(select a.username from users a where a.id = ${notifications.actorId})`,
};

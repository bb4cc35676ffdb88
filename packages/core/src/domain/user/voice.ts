import { Actor } from "../../platform/actor.ts";
import { Db } from "../../platform/db/index.ts";
import { Language } from "../../platform/language/index.ts";
import { User } from "./user.ts";
import { users } from "./user.sql.ts";

/** Translates an English text into a language: see `Language.voice`. */
export type Say = (text: string) => string;

/**
 * The language of a mail to an address: the language that its member has chosen, else that of the request, else
 * English. Runs the same query whether or not the address has an account, so that the response time does not reveal it.
 */
export async function voiceFor(email: string): Promise<Say> {
  const [member] = await Db.use()
    .select({ language: users.language })
    .from(users)
    .where(User.hasEmail(email.toLowerCase()));
  return Language.voice(member?.language ?? Actor.language() ?? "en");
}

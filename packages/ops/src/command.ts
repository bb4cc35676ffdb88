import { join } from "node:path";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { migrate } from "@gotong/core/platform/db/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { dlq } from "./dlq.ts";
import { prepare } from "./prepare.ts";
import { reconcile } from "./reconcile.ts";
import { grant, invite, resealMfa, resetMfa, verifyEmail } from "./users.ts";

const USAGE = `gotong migrate                        applies the migrations to DATABASE_URL
gotong prepare                        creates the bucket if it is missing, and waits for bucket and queues
gotong users grant <email> <role>     gives a member a role: contributor, verifier or admin
gotong users invite <email>           mails an invitation and prints its token: the way in for the first admin
gotong users verify-email <email>     marks a member's e-mail address as verified, for stages without mail
gotong users reset-mfa <email>        removes the second factor of a member who has lost it
gotong users reseal-mfa               seals all second factors with JWT_KEY: before JWT_KEY_PREVIOUS is removed
gotong dlq list                       waiting dead letters: events, and unprocessable messages
gotong dlq show <id>                  one of them, with every attempt
gotong dlq redrive                    sends dead-lettered events again, the oldest first
    --event-type <type>  --since <RFC 3339>  --rate <events a second, 10>  --dry-run
gotong reconcile                      sends delivered events again that Markov does not have
    --dry-run
`;
const MIGRATIONS = join(import.meta.dirname, "..", "..", "..", "migrations");

/**
 * Runs one command of the operators' command line, as a system actor.
 * @param progress called with one line at a time while a long command runs
 * @returns what to print
 * @throws Error with the usage or the problem
 */
export function run(words: readonly string[], progress: (line: string) => void): Promise<string> {
  return Actor.run({ type: "system", name: Actor.COMMAND_LINE }, Id.uuid(), () => dispatch(words, progress));
}

async function dispatch(
  [noun = "", verb = "", ...rest]: readonly string[],
  progress: (line: string) => void,
): Promise<string> {
  if (noun === "migrate") {
    const applied = await migrate(Config.section("database").DATABASE_URL, MIGRATIONS);
    return applied.length > 0 ? `applied ${applied.join(", ")}\n` : "nothing to apply\n";
  }
  if (noun === "prepare") return prepare();
  if (noun === "users" && verb === "grant") return grant(rest);
  if (noun === "users" && verb === "invite") return invite(rest);
  if (noun === "users" && verb === "verify-email") return verifyEmail(rest);
  if (noun === "users" && verb === "reset-mfa") return resetMfa(rest);
  if (noun === "users" && verb === "reseal-mfa") return resealMfa();
  if (noun === "dlq") return dlq(verb, rest, progress);
  if (noun === "reconcile") return reconcile([verb, ...rest].includes("--dry-run"), progress);
  throw new Error(USAGE);
}

import { join } from "node:path";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { migrate } from "@gotong/core/platform/db/migrate.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { dlq } from "./dlq.ts";
import { prepare } from "./prepare.ts";
import { reconcile } from "./reconcile.ts";
import { grant, invite, resealMfa, resetMfa, verifyEmail } from "./users.ts";

const USAGE = `gotong migrate                        applies the migrations to DATABASE_URL
gotong prepare                        makes the bucket where there is none, and waits until bucket and queues answer
gotong users grant <email> <role>     gives a member a role: contributor, verifier or admin
gotong users invite <email>           mails an invitation and prints its token: the way in for the first admin
gotong users verify-email <email>     marks a member's e-mail address as proved, where no mail arrives
gotong users reset-mfa <email>        takes the second factor of a member away, who has lost it
gotong users reseal-mfa               seals all second factors with JWT_KEY: before JWT_KEY_PREVIOUS is taken away
gotong dlq list                       what was given up and waits: events, and messages that nobody understood
gotong dlq show <id>                  one of them, with every attempt
gotong dlq redrive                    sends given-up events again, the oldest first
    --event-type <type>  --since <RFC 3339>  --rate <events a second, 10>  --dry-run
gotong reconcile                      sends again what the outbox calls delivered and Markov does not have
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

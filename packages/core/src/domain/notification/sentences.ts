import type { Kind } from "./kinds.ts";

/** The facts from which a notification's sentence is built. */
export interface Facts {
  readonly kind: Kind;
  /** The username of the acting member. */
  readonly actor: string | null;
  readonly title: string | null;
  readonly outcome: string | null;
}
type Say = (text: string) => string;
interface Named {
  readonly actor: string;
  readonly title: string;
  readonly outcome: string | null;
}

const SENTENCES: Readonly<Record<Kind, (say: Say, facts: Named) => string>> = {
  task_claimed: (say, { actor, title }) => say(`${actor} will do “${title}”.`),
  task_assigned: (say, { actor, title }) => say(`${actor} assigned “${title}” to you.`),
  task_given_back: (say, { title }) => say(`“${title}” was given back and is open again.`),
  task_unassigned: (say, { title }) => say(`You no longer have “${title}”.`),
  claim_expired: (say, { title }) => say(`The claim of “${title}” has expired.`),
  task_completed: (say, { actor, title }) => say(`${actor} completed “${title}”.`),
  task_cancelled: (say, { title }) => say(`“${title}” was cancelled.`),
  verification_waiting: (say, { title }) => say(`“${title}” waits for the votes of verifiers.`),
  vote_received: (say, { actor, title }) => say(`${actor} voted on “${title}”.`),
  contribution_decided: (say, { title, outcome }) =>
    say(outcome === "verified" ? `“${title}” was verified.` : `“${title}” was rejected.`),
  evidence_waiting: (say, { actor, title }) => say(`${actor} added evidence to “${title}”, which needs your consent.`),
  evidence_refused: (say, { title }) => say(`Evidence for “${title}” was not accepted.`),
  vouch_received: (say, { actor }) => say(`${actor} vouched for you.`),
  witness_asked: (say, { actor, title }) => say(`${actor} names you as a witness of “${title}”.`),
  witness_answered: (say, { actor, title }) => say(`${actor} answered as a witness of “${title}”.`),
  comment_received: (say, { actor, title }) => say(`${actor} commented on “${title}”.`),
  invitation_accepted: (say, { actor }) => say(`${actor} has accepted your invitation.`),
  report_decided: (say) => say("Your report was decided."),
  content_hidden: (say) => say("An admin has hidden content of yours."),
};

/** Kinds whose sentence contains no title. */
const WITHOUT_TITLE: ReadonlySet<Kind> = new Set([
  "vouch_received",
  "invitation_accepted",
  "report_decided",
  "content_hidden",
]);

/**
 * One sentence about a notification, for mails and pushes; undefined if its content is hidden.
 * @param say translates an English text into the recipient's language
 */
export function sentenceOf({ kind, actor, title, outcome }: Facts, say: Say): string | undefined {
  if (title === null && !WITHOUT_TITLE.has(kind)) return undefined;
  return SENTENCES[kind](say, { actor: actor ?? say("A member"), title: title ?? "", outcome });
}

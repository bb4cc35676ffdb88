import type * as v from "valibot";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { AppError } from "../../platform/error.ts";
import type { ModerationInput } from "./input.ts";

export type Reason = v.InferOutput<typeof ModerationInput.Reason>;

const hiddenFor = ({ reason }: Reason, adminId: string) => ({
  hiddenAt: Clock.now(),
  hiddenReason: reason,
  hiddenBy: adminId,
});
/** The notification for the owner of hidden content; it does not name the admin who hid it. */
export const HIDDEN = { kind: "content_hidden", actorId: null } as const;
const SHOWN = { hiddenAt: null, hiddenReason: null, hiddenBy: null };

/**
 * The column values of an admin's decision: with a reason the content is hidden, without a reason it is shown again.
 */
export const decision = (input: Reason | undefined, adminId: string) => (input ? hiddenFor(input, adminId) : SHOWN);

/**
 * An admin must not decide about content that concerns them: hidden evidence does not count, and a hidden contribution
 * accepts no votes.
 * @param concerned the members whom the content concerns; null for none
 * @throws AppError FORBIDDEN
 */
export function assertNotConcerned(adminId: string, concerned: readonly (string | null)[]): void {
  if (concerned.includes(adminId))
    throw new AppError("FORBIDDEN", { detail: "This content concerns you: another admin has to hide or show it." });
}

/** Writes the act to the audit log, in the transaction of the act. */
export async function record(
  noun: "task" | "contribution" | "evidence" | "comment",
  id: string,
  input?: Reason,
): Promise<void> {
  await Audit.record(`${noun}.${input ? "hide" : "unhide"}`, noun, id, input ? { reason: input.reason } : {});
}

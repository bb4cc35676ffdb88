import { AppError } from "../../platform/error.ts";
import { Config } from "../../platform/config.ts";
import { Reputation } from "./index.ts";

/**
 * Lets a member pass whose reputation is at least `VOUCH_MINIMUM_REPUTATION`. A last known reputation counts however old it is. A
 * member whom Markov has never heard of has none: 0. Asks Markov, so never inside of a transaction.
 * @param detail what a member is told whose reputation is too low, and what else they can do
 * @throws AppError REPUTATION_TOO_LOW; UNAVAILABLE when Markov has never told and does not answer now: nobody can say, so the member
 * is asked to try again and not refused for good
 */
export async function assertGoodStanding(userId: string, detail: (minimum: number) => string): Promise<void> {
  const minimum = Config.section("reputation").VOUCH_MINIMUM_REPUTATION;
  if (minimum === 0) return;
  const { reputation, age_seconds } = await Reputation.get(userId);
  if (age_seconds === null)
    throw new AppError("UNAVAILABLE", {
      detail: "Your reputation is not known now. Try again.",
      retryAfterSeconds: 30,
    });
  if ((reputation?.reputation_score ?? 0) < minimum)
    throw new AppError("REPUTATION_TOO_LOW", { detail: detail(minimum) });
}

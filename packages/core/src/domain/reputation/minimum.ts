import { AppError } from "../../platform/error.ts";
import { Config } from "../../platform/config.ts";
import { Reputation } from "./reputation.ts";

/**
 * Checks that a member's reputation is at least `VOUCH_MINIMUM_REPUTATION`. The last known value counts, however old. A
 * member unknown to Markov has 0. Sends a request to Markov, so it must not run inside a transaction.
 * @param detail the error's detail: that the reputation is too low, and what else the member can do
 * @throws AppError REPUTATION_TOO_LOW; UNAVAILABLE when there is no last known value and Markov does not answer: the
 * member should retry
 */
export async function assertGoodStanding(userId: string, detail: (minimum: number) => string): Promise<void> {
  const minimum = Config.section("reputation").VOUCH_MINIMUM_REPUTATION;
  if (minimum === 0) return;
  const { reputation, age_seconds } = await Reputation.get(userId);
  if (age_seconds === null)
    throw new AppError("UNAVAILABLE", {
      detail: "Your reputation is currently unknown. Try again.",
      retryAfterSeconds: 30,
    });
  if ((reputation?.reputation_score ?? 0) < minimum)
    throw new AppError("REPUTATION_TOO_LOW", { detail: detail(minimum) });
}

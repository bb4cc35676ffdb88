import { useRead } from "../data/read.ts";
import { number, t, textOf } from "../texts/index.ts";
import { Shown } from "./parts.tsx";

/** A member's reputation, and its sources. */
export function ReputationCard({ userId }: { userId: string }) {
  const reading = useRead("getReputation", { path: { user_id: userId } });
  return (
    <section class="card">
      <h2>{t("reputation")}</h2>
      <Shown reading={reading}>
        {({ reputation, stale }) =>
          reputation ? (
            <>
              <p class="row">
                <strong>{number(reputation.reputation_score)}</strong>
                <span class="badge">{textOf("tier", reputation.tier, "tier_other")}</span>
              </p>
              <p>
                {t("reputation_of", {
                  contributions: reputation.contributions_count,
                  vouches: reputation.vouches_received,
                })}
              </p>
              {stale && <p class="soft">{t("reputation_stale")}</p>}
            </>
          ) : (
            <p>{t("reputation_none")}</p>
          )
        }
      </Shown>
    </section>
  );
}

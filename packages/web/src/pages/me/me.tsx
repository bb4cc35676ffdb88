import { useList, useRead } from "../../data/read.ts";
import { account, signOut } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { go } from "../../router.ts";
import { ago, t } from "../../texts/index.ts";
import { Heading, Items, Person, say } from "../../ui/parts.tsx";
import { ReputationCard } from "../../ui/reputation.tsx";
import { SETTINGS } from "./settings.tsx";

/** The member's own page: reputation with what made it, vouches, and the way to the settings. */
export function MePage() {
  const user = useSignal(account);
  const me = useRead("getMe", {});
  const vouches = useList("listUserVouches", { path: { user_id: user?.id ?? "" } });
  if (!user) return null;
  const leave = () => {
    void signOut().catch(() => undefined);
    say(t("signed_out"));
    go("/login", { replace: true });
  };
  return (
    <>
      <Heading text={user.display_name ?? user.username} />
      {me.value?.email_verified === false && (
        <div class="notice warn">
          <p>{t("email_unverified")}</p>
          <a href="/confirm-email">{t("confirm_title")}</a>
        </div>
      )}
      <ReputationCard userId={user.id} />
      <h2>{t("vouches")}</h2>
      <Items list={vouches} empty={t("vouches_none")}>
        {(one) => (
          <div class="card">
            <div class="row between">
              <Person of={one.voucher} />
              <span class="soft">{ago(one.created_at)}</span>
            </div>
            {one.message !== null && <p class="pre">“{one.message}”</p>}
          </div>
        )}
      </Items>
      <h2>{t("settings")}</h2>
      <nav aria-label={t("settings")}>
        <ul class="tiles">
          {Object.entries(SETTINGS).map(([key, { title }]) => (
            <li key={key}>
              <a class="card" href={`/me/${key}`}>
                {t(title)}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <button class="second" type="button" onClick={leave}>
        {t("sign_out")}
      </button>
    </>
  );
}

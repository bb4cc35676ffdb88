import { useState } from "preact/hooks";
import { discardMine, waiting } from "../../data/acts.ts";
import { forgetPushes, hasPushes } from "../../data/push.ts";
import { useRead } from "../../data/read.ts";
import { account, signOut } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { go } from "../../router.ts";
import { t } from "../../texts/index.ts";
import { Heading, Sheet, say } from "../../ui/parts.tsx";
import { Avatar } from "../../ui/person.tsx";
import { ReputationCard } from "../../ui/reputation.tsx";
import { Vouches } from "../../ui/vouches.tsx";
import { SETTINGS } from "./settings.tsx";

/** The member's own page: reputation with its sources, vouches, and a link to the settings. */
export function MePage() {
  const [isAsked, setAsked] = useState(false);
  const user = useSignal(account);
  const me = useRead("getMe", {});
  const unsent = useSignal(waiting).filter((one) => one.user === user?.id).length;
  if (!user) return null;
  const leave = () => {
    if (hasPushes()) void forgetPushes().catch(() => undefined);
    void Promise.allSettled([discardMine(), signOut()]);
    say(t("signed_out"));
    go("/login", { replace: true });
  };
  return (
    <>
      <Avatar of={user} size="large" />
      <Heading text={user.display_name ?? user.username} />
      {me.value?.email_verified === false && (
        <div class="notice warn">
          <p>{t("email_unverified")}</p>
          <a href="/confirm-email">{t("confirm_title")}</a>
        </div>
      )}
      <ReputationCard userId={user.id} />
      <Vouches userId={user.id} />
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
      <button class="second" type="button" onClick={() => (unsent > 0 ? setAsked(true) : leave())}>
        {t("sign_out")}
      </button>
      {isAsked && (
        <Sheet title={t("sign_out")} onClose={() => setAsked(false)}>
          <p>{t("sign_out_asks", { count: unsent })}</p>
          <a href="/waiting">{t("waiting_title")}</a>
          <button class="bad" type="button" onClick={leave}>
            {t("sign_out_discards")}
          </button>
        </Sheet>
      )}
    </>
  );
}

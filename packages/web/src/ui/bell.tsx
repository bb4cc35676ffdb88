import { useSignal } from "../data/signal.ts";
import { unread } from "../data/unread.ts";
import { t } from "../texts/index.ts";
import { Icon } from "./icon.tsx";

const SHOWN_MOST = 99;

/** The link to the notifications, with the number of unread ones. */
export function Bell() {
  const count = useSignal(unread);
  const shown = count > SHOWN_MOST ? `${SHOWN_MOST}+` : String(count);
  return (
    <a
      class="bell"
      href="/notifications"
      aria-label={count === 0 ? t("notifications") : t("notifications_unread", { count: shown })}
    >
      <Icon name="bell" />
      {count > 0 && (
        <span class="count" aria-hidden="true">
          {shown}
        </span>
      )}
    </a>
  );
}

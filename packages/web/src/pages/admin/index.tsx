import type { ComponentType } from "preact";
import { account } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { t, type TextKey } from "../../texts/index.ts";
import { Heading, useChosenInView } from "../../ui/parts.tsx";
import { Invitations } from "../invitations.tsx";
import { Audit } from "./audit.tsx";
import { Events, Failures } from "./failures.tsx";
import { Health } from "./health.tsx";
import { Members } from "./members.tsx";
import { Reports } from "./reports.tsx";

const PARTS: Readonly<Record<string, { readonly title: TextKey; readonly part: ComponentType }>> = {
  health: { title: "health", part: Health },
  failures: { title: "failures", part: Failures },
  events: { title: "events", part: Events },
  reports: { title: "reports", part: Reports },
  members: { title: "members", part: Members },
  invitations: { title: "invitations", part: Invitations },
  audit: { title: "audit", part: Audit },
};

/** The admin pages: one page for each concern. */
export function AdminPage({ parts }: { parts: readonly string[] }) {
  const user = useSignal(account);
  const key = parts[0] ?? "health";
  const chosen = PARTS[key];
  const row = useChosenInView<HTMLElement>(key);
  if (!user?.roles.includes("admin")) return <p role="alert">{t("problem_FORBIDDEN")}</p>;
  if (!chosen) return <p role="alert">{t("problem_NOT_FOUND")}</p>;
  const Part = chosen.part;
  return (
    <>
      <nav ref={row} class="choices" aria-label={t("nav_admin")}>
        {Object.entries(PARTS).map(([name, { title }]) => (
          <a
            key={name}
            class={`button ${name === key ? "" : "second"}`}
            href={`/admin/${name}`}
            {...(name === key ? { "aria-current": "page" as const } : {})}
          >
            {t(title)}
          </a>
        ))}
      </nav>
      <Heading text={t(chosen.title)} />
      <Part />
    </>
  );
}

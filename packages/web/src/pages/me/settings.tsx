import type { ComponentType } from "preact";
import { t, type TextKey } from "../../texts/index.ts";
import { Heading } from "../../ui/parts.tsx";
import { Blocks, Sessions } from "./sessions.tsx";
import { Notifications } from "./notifications.tsx";
import { Deletion, Export } from "./data.tsx";
import { Display, Password, Profile } from "./profile.tsx";
import { SecondFactor } from "./second-factor.tsx";
import { Invitations } from "../invitations.tsx";

/** Settings pages by the last part of their path. */
export const SETTINGS: Readonly<Record<string, { readonly title: TextKey; readonly part: ComponentType }>> = {
  profile: { title: "profile", part: Profile },
  display: { title: "display", part: Display },
  notifications: { title: "notifications", part: Notifications },
  password: { title: "password_and_email", part: Password },
  mfa: { title: "second_factor", part: SecondFactor },
  sessions: { title: "sessions", part: Sessions },
  invitations: { title: "invitations", part: Invitations },
  blocks: { title: "blocks", part: Blocks },
  export: { title: "export", part: Export },
  deletion: { title: "deletion", part: Deletion },
};

export function SettingsPage({ parts }: { parts: readonly string[] }) {
  const setting = SETTINGS[parts[0] ?? ""];
  if (!setting) return <p role="alert">{t("problem_NOT_FOUND")}</p>;
  const Part = setting.part;
  return (
    <>
      <a href="/me">← {t("nav_me")}</a>
      <Heading text={t(setting.title)} />
      <Part />
    </>
  );
}

import { useId, useState } from "preact/hooks";
import { act } from "../../data/acts.ts";
import { account, client, keep } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { t } from "../../texts/index.ts";
import { type Theme, THEMES, chosenTheme, setTheme } from "../../theme.ts";
import { EmailField, NewPasswordField, PasswordField, UsernameField } from "../../ui/account-fields.tsx";
import { Field, Form, rawIn, textIn, useSubmit } from "../../ui/form.tsx";
import { Language } from "../../ui/language.tsx";
import { say } from "../../ui/parts.tsx";
import { SkillChoice } from "../../ui/skill-choice.tsx";
import { AvatarCard } from "./avatar.tsx";

export function Profile() {
  const user = useSignal(account);
  const submission = useSubmit();
  const [chosen, setChosen] = useState<readonly string[]>(user?.skill_ids ?? []);
  if (!user) return null;
  const save = async (values: FormData) => {
    const username = textIn(values, "username") ?? "";
    const body = {
      ...(username === user.username ? {} : { username }),
      display_name: textIn(values, "display_name") ?? null,
      location: textIn(values, "location") ?? null,
      bio: textIn(values, "bio") ?? null,
      skill_ids: [...chosen],
    };
    const saved = await act({ operation: "updateMe", input: { body }, label: "profile", about: username });
    if (saved) keep(saved);
    say(t(saved ? "saved" : "kept_for_later"));
  };
  return (
    <>
      <AvatarCard />
      <Form submission={submission} submitText={t("save")} onSubmit={save} draft="profile">
        <UsernameField value={user.username} />
        <Field
          name="display_name"
          label={t("display_name")}
          hint={t("display_name_hint")}
          value={user.display_name ?? ""}
          maxLength={80}
        />
        <Field
          name="location"
          label={t("home_place")}
          hint={t("home_place_hint")}
          value={user.location ?? ""}
          maxLength={100}
        />
        <Field name="bio" label={t("bio")} rows={4} value={user.bio ?? ""} maxLength={500} />
        <SkillChoice chosen={chosen} onChange={setChosen} />
      </Form>
    </>
  );
}

/** Settings of language and colours, for this device and not for the account. */
export function Display() {
  const id = useId();
  const [theme, choose] = useState<Theme>(chosenTheme());
  return (
    <div class="stack">
      <Language />
      <div class="field">
        <label for={id}>{t("theme")}</label>
        <select
          id={id}
          value={theme}
          onChange={(event) => {
            const next = THEMES.find((one) => one === event.currentTarget.value) ?? "system";
            setTheme(next);
            choose(next);
          }}
        >
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {t(`theme_${one}`)}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}

export function Password() {
  const change = useSubmit();
  const move = useSubmit();
  return (
    <>
      <section class="card">
        <h2>{t("password")}</h2>
        <Form
          submission={change}
          submitText={t("save")}
          onSubmit={async (values) => {
            const body = {
              current_password: rawIn(values, "current_password"),
              new_password: rawIn(values, "new_password"),
            };
            await client.call("changePassword", { body });
            say(t("password_changed"));
          }}
        >
          <PasswordField name="current_password" />
          <NewPasswordField name="new_password" />
        </Form>
      </section>
      <section class="card">
        <h2>{t("email")}</h2>
        <p class="soft">{account.value?.email}</p>
        <Form
          submission={move}
          submitText={t("send_mail")}
          onSubmit={async (values) => {
            const body = { email: textIn(values, "email") ?? "", password: rawIn(values, "password") };
            await client.call("requestEmailChange", { body });
            say(t("email_change_sent"));
          }}
        >
          <EmailField label={t("new_email")} />
          <PasswordField />
        </Form>
      </section>
    </>
  );
}

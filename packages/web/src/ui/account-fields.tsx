import { t } from "../texts/index.ts";
import { Field } from "./form.tsx";

export const UsernameField = ({ value }: { value?: string }) => (
  <Field
    name="username"
    label={t("username")}
    hint={t("username_hint")}
    value={value ?? ""}
    autocomplete="username"
    maxLength={50}
    isRequired
  />
);

interface EmailProps {
  readonly label?: string;
  readonly hint?: string;
  /** Whether the field is the e-mail address of a login, which password managers fill in. */
  readonly isLogin?: boolean;
}

export const EmailField = ({ label, hint, isLogin }: EmailProps) => (
  <Field
    name="email"
    label={label ?? t("email")}
    {...(hint === undefined ? {} : { hint })}
    type="email"
    autocomplete={isLogin ? "username" : "email"}
    isRequired
  />
);

/** The member's current password. */
export const PasswordField = ({ name = "password", label }: { name?: string; label?: string }) => (
  <Field
    name={name}
    label={label ?? t("current_password")}
    type="password"
    autocomplete="current-password"
    isRequired
  />
);

/** A new password of the member. */
export const NewPasswordField = ({ name = "password", label }: { name?: string; label?: string }) => (
  <Field
    name={name}
    label={label ?? t("new_password")}
    hint={t("password_hint")}
    type="password"
    autocomplete="new-password"
    isRequired
  />
);

/** A code of the member's second factor. */
export const CodeField = ({ name = "code", hint }: { name?: string; hint?: string }) => (
  <Field
    name={name}
    label={t("mfa_code")}
    {...(hint === undefined ? {} : { hint })}
    autocomplete="one-time-code"
    inputMode="numeric"
    isRequired={hint === undefined}
  />
);

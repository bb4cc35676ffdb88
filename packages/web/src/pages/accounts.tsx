import { ProblemError } from "@gotong/client";
import { useEffect, useState } from "preact/hooks";
import { client, signUp } from "../data/session.ts";
import { go } from "../router.ts";
import { t } from "../texts/index.ts";
import { EmailField, NewPasswordField, UsernameField } from "../ui/account-fields.tsx";
import { Field, Form, rawIn, textIn, useSubmit } from "../ui/form.tsx";
import { Heading, say } from "../ui/parts.tsx";
import { Language } from "../ui/language.tsx";
import { Problem } from "../ui/problem.tsx";
import { takeWanted } from "./login.tsx";

/**
 * Returns the token of a link in a mail. The token is in the URL's fragment, so that no server sees it. It is removed
 * from the address, so that the browser's history does not contain it.
 */
function useToken(): string | undefined {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get("token") ?? undefined);
  useEffect(() => {
    if (token !== undefined) history.replaceState(null, "", location.pathname);
  }, []);
  return token;
}

export function RegisterPage() {
  const submission = useSubmit();
  const invitation = useToken();
  // A newcomer whose first response was lost registers again.
  const isTaken = submission.error instanceof ProblemError && submission.error.code === "USERNAME_TAKEN";
  const register = async (values: FormData) => {
    const given = textIn(values, "invitation") ?? invitation;
    await signUp({
      username: textIn(values, "username") ?? "",
      email: textIn(values, "email") ?? "",
      password: rawIn(values, "password"),
      ...(given === undefined ? {} : { invitation: given }),
    });
    say(t("registered"));
    go(takeWanted(), { replace: true });
  };
  return (
    <>
      <Heading text={t("register_title")} />
      <Form
        submission={submission}
        submitText={t("register")}
        onSubmit={register}
        {...(isTaken ? { more: <p class="notice">{t("registered_before")}</p> } : {})}
      >
        <UsernameField />
        <EmailField hint={t("email_hint")} />
        <NewPasswordField label={t("password")} />
        {invitation === undefined && <Field name="invitation" label={t("invitation_optional")} />}
      </Form>
      <a href="/login">{t("to_login")}</a>
      <Language />
    </>
  );
}

export function ForgotPage() {
  const submission = useSubmit();
  const [isSent, setSent] = useState(false);
  if (isSent)
    return (
      <>
        <Heading text={t("forgot_title")} />
        <p class="notice" role="status">
          {t("forgot_sent")}
        </p>
        <a class="button" href="/reset">
          {t("to_reset")}
        </a>
      </>
    );
  return (
    <>
      <Heading text={t("forgot_title")} />
      <p class="soft">{t("forgot_intro")}</p>
      <Form
        submission={submission}
        submitText={t("send_mail")}
        onSubmit={async (values) => {
          await client.call("requestPasswordReset", { body: { email: textIn(values, "email") ?? "" } });
          setSent(true);
        }}
      >
        <EmailField isLogin />
      </Form>
      <a href="/login">{t("to_login")}</a>
    </>
  );
}

export function ResetPage() {
  const submission = useSubmit();
  const token = useToken();
  return (
    <>
      <Heading text={t("reset_title")} />
      <Form
        submission={submission}
        submitText={t("save")}
        onSubmit={async (values) => {
          const body = { token: token ?? textIn(values, "token") ?? "", password: rawIn(values, "password") };
          await client.call("confirmPasswordReset", { body });
          say(t("reset_done"));
          go("/login", { replace: true });
        }}
      >
        {token === undefined && <Field name="token" label={t("token")} hint={t("token_hint")} isRequired />}
        <NewPasswordField />
      </Form>
    </>
  );
}

/** Confirms an e-mail address: at registration, or a changed one (`?change`). */
export function ConfirmPage() {
  const submission = useSubmit();
  const [isDone, setDone] = useState(false);
  const [isChange] = useState(() => new URLSearchParams(location.search).has("change"));
  const token = useToken();
  const confirm = async (given: string) => {
    await client.call(isChange ? "confirmEmailChange" : "confirmEmailProof", { body: { token: given } });
    setDone(true);
  };
  useEffect(() => {
    if (token !== undefined) void submission.run(() => confirm(token));
  }, []);
  return (
    <>
      <Heading text={t("confirm_title")} />
      {isDone ? (
        <>
          <p class="notice" role="status">
            {t("confirm_done")}
          </p>
          <a class="button" href="/">
            {t("to_tasks")}
          </a>
        </>
      ) : token === undefined ? (
        <Form
          submission={submission}
          submitText={t("confirm")}
          onSubmit={(values) => confirm(textIn(values, "token") ?? "")}
        >
          <Field name="token" label={t("token")} hint={t("token_hint")} isRequired />
        </Form>
      ) : (
        <>
          <Problem error={submission.error} />
          {submission.isBusy && <p role="status">{t("please_wait")}</p>}
        </>
      )}
    </>
  );
}

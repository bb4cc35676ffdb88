import { useState } from "preact/hooks";
import type { TotpSecret } from "@gotong/client";
import { changed, useRead } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { t } from "../../texts/index.ts";
import { CodeField, PasswordField } from "../../ui/account-fields.tsx";
import { Form, rawIn, textIn, useSubmit } from "../../ui/form.tsx";
import { Shown } from "../../ui/parts.tsx";

/** An authenticator app as a second factor. */
export function SecondFactor() {
  const mfa = useRead("getMfa", {});
  const [secret, setSecret] = useState<TotpSecret>();
  const [codes, setCodes] = useState<readonly string[]>();
  const submission = useSubmit();
  if (codes)
    return (
      <>
        <p class="notice">{t("recovery_intro")}</p>
        <ul class="card">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
      </>
    );
  return (
    <Shown reading={mfa}>
      {({ is_enabled, recovery_codes_left }) =>
        is_enabled ? (
          <>
            <p>{t("mfa_on", { count: recovery_codes_left })}</p>
            <Form
              submission={submission}
              submitText={t("mfa_remove")}
              onSubmit={async (values) => {
                const body = { password: rawIn(values, "password"), code: textIn(values, "code") ?? "" };
                await client.call("removeTotp", { body });
                changed();
              }}
            >
              <PasswordField />
              <CodeField />
            </Form>
          </>
        ) : secret ? (
          <Form
            submission={submission}
            submitText={t("confirm")}
            onSubmit={async (values) => {
              const answer = await client.call("confirmTotp", { body: { code: textIn(values, "code") ?? "" } });
              setCodes(answer.recovery_codes);
              changed();
            }}
          >
            <p>{t("mfa_secret_intro")}</p>
            <p>
              <code>{secret.secret}</code>
            </p>
            <a href={secret.uri}>{t("mfa_open_app")}</a>
            <CodeField />
          </Form>
        ) : (
          <Form
            submission={submission}
            submitText={t("mfa_add")}
            onSubmit={async (values) =>
              setSecret(await client.call("enrolTotp", { body: { password: rawIn(values, "password") } }))
            }
          >
            <p>{t("mfa_intro")}</p>
            <PasswordField />
          </Form>
        )
      }
    </Shown>
  );
}

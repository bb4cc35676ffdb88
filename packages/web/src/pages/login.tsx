import { ProblemError } from "@gotong/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { account, ended, signIn } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { go, place } from "../router.ts";
import { t } from "../texts/index.ts";
import { CodeField, EmailField, PasswordField } from "../ui/account-fields.tsx";
import { Form, rawIn, textIn, useSubmit } from "../ui/form.tsx";
import { Language } from "../ui/language.tsx";
import { Heading } from "../ui/parts.tsx";

/** The page that a person wanted to see when the login was shown in its place. */
let wanted = "/";

/** The page to show after a login or a registration. */
export function takeWanted(): string {
  const path = wanted;
  wanted = "/";
  return path;
}

const isLogin = (path: string): boolean => /^\/login\b/.test(path);

export function LoginPage() {
  const submission = useSubmit();
  const hasEnded = useSignal(ended);
  const [asksCode, setAsksCode] = useState(false);
  const user = useSignal(account);
  const here = useRef(place.value);
  here.current = place.value;
  useEffect(
    () => () => {
      // A newcomer registers first: the page of the link that they opened is shown after that.
      if (/^\/(register|forgot)/.test(place.value) && !isLogin(here.current)) wanted = here.current;
    },
    [],
  );
  const enter = async (body: Parameters<typeof signIn>[0]) => {
    try {
      await signIn(body);
    } catch (error) {
      if (error instanceof ProblemError && error.code === "MFA_REQUIRED") {
        setAsksCode(true);
        if (body.mfa_code === undefined) return;
      }
      throw error;
    }
    if (isLogin(place.value)) go(takeWanted(), { replace: true });
  };
  return (
    <>
      <Heading text={t("login_title")} />
      <p class="soft">{t("login_intro")}</p>
      {user && (
        <p class="notice">
          {t("signed_in_already", { name: user.display_name ?? user.username })} <a href="/">{t("to_tasks")}</a>
        </p>
      )}
      {hasEnded && (
        <p class="notice warn" role="status">
          {t("session_ended")}
        </p>
      )}
      <Form
        submission={submission}
        submitText={t("login")}
        onSubmit={(values) => {
          const mfa = textIn(values, "mfa_code");
          return enter({
            email: textIn(values, "email") ?? "",
            password: rawIn(values, "password"),
            ...(mfa === undefined ? {} : { mfa_code: mfa }),
          });
        }}
      >
        <EmailField isLogin />
        <PasswordField label={t("password")} />
        {asksCode && <CodeField name="mfa_code" hint={t("mfa_hint")} />}
      </Form>
      <div class="row between">
        <a href="/register">{t("to_register")}</a>
        <a href="/forgot">{t("to_forgot")}</a>
      </div>
      {document.documentElement.dataset["demo"] !== undefined && (
        <DemoLogins onChoose={(body) => void submission.run(() => enter(body))} />
      )}
      <OpenTasksPart />
      <Language />
    </>
  );
}

/** Loads the open tasks separately: most logins are those of members. */
function OpenTasksPart() {
  const [part, setPart] = useState<typeof import("./open-tasks.tsx")>();
  useEffect(() => void import("./open-tasks.tsx").then(setPart, () => undefined), []);
  return part ? <part.OpenTasks /> : null;
}

interface Login {
  readonly email: string;
  readonly password: string;
  readonly roles: readonly string[];
}

/** Logins of the local development stack, which alone marks its page as a demo. */
function DemoLogins({ onChoose }: { onChoose: (login: { email: string; password: string }) => void }) {
  const [logins, setLogins] = useState<readonly Login[]>([]);
  useEffect(() => {
    fetch("/dev/logins.json")
      .then((answer) => answer.json())
      .then((value: unknown) => setLogins(Array.isArray(value) ? value.filter(isDemoLogin) : []))
      .catch(() => undefined);
  }, []);
  return (
    <section class="card">
      <h2>{t("demo_title")}</h2>
      <p class="soft">{t("demo_intro")}</p>
      <div class="tiles">
        {logins.map((login) => (
          <button
            key={login.email}
            class="second"
            type="button"
            onClick={() => onChoose({ email: login.email, password: login.password })}
          >
            {login.email.split("@")[0]} · {t(roleText(login.roles))}
          </button>
        ))}
      </div>
    </section>
  );
}

const roleText = (roles: readonly string[]) =>
  roles.includes("admin") ? "role_admin" : roles.includes("verifier") ? "role_verifier" : "role_contributor";

const isDemoLogin = (value: unknown): value is Login =>
  typeof value === "object" &&
  value !== null &&
  typeof Reflect.get(value, "email") === "string" &&
  typeof Reflect.get(value, "password") === "string" &&
  Array.isArray(Reflect.get(value, "roles"));

import type { CreatedInvitation } from "@gotong/client";
import { useId, useState } from "preact/hooks";
import { changed } from "../data/read.ts";
import { client } from "../data/session.ts";
import { t, when } from "../texts/index.ts";
import { Field, Form, textIn, useSubmit } from "../ui/form.tsx";
import { say } from "../ui/parts.tsx";
import { Problem } from "../ui/problem.tsx";

/** Number of members that a link admits if its inviter does not choose another. */
const USES = 5;

const canShare = (): boolean => Reflect.has(navigator, "share");

/** Creates a link to pass on, such as in a group of a messenger, where people have no e-mail address. */
export function InvitationLink() {
  const submission = useSubmit();
  const [created, setCreated] = useState<CreatedInvitation>();
  const create = async (values: FormData) => {
    setCreated(await client.call("createInvitation", { body: { uses: Number(textIn(values, "uses") ?? USES) } }));
    changed();
  };
  return (
    <section class="card">
      <h2>{t("invitation_link")}</h2>
      {created ? (
        <Created of={created} />
      ) : (
        <Form submission={submission} submitText={t("invitation_link_create")} onSubmit={create}>
          <Field
            name="uses"
            label={t("invitation_uses")}
            hint={t("invitation_link_hint")}
            inputMode="numeric"
            value={String(USES)}
            maxLength={4}
            isRequired
          />
        </Form>
      )}
    </section>
  );
}

/** The new link. The platform keeps only a digest of it, so it is shown once. */
function Created({ of }: { of: CreatedInvitation }) {
  const id = useId();
  const submission = useSubmit();
  const url = of.url ?? `${location.origin}/register#token=${of.token ?? ""}`;
  const pass = () =>
    submission.run(async () => {
      // Closing the list of apps to share with is no error.
      if (canShare()) await navigator.share({ title: t("app_name"), url }).catch(() => undefined);
      else {
        await navigator.clipboard.writeText(url);
        say(t("copied"));
      }
    });
  return (
    <>
      <p class="notice" role="status">
        {t("invitation_link_once", { time: when(of.expires_at) })}
      </p>
      <div class="field">
        <label for={id}>{t("invitation_link")}</label>
        <input id={id} value={url} readOnly onFocus={(event) => event.currentTarget.select()} />
      </div>
      <Problem error={submission.error} />
      <button class="wide" type="button" aria-disabled={submission.isDisabled} onClick={() => void pass()}>
        {t(canShare() ? "share" : "copy")}
      </button>
    </>
  );
}

import { act } from "../data/acts.ts";
import { changed, useList } from "../data/read.ts";
import { client } from "../data/session.ts";
import { t, when } from "../texts/index.ts";
import { Field, Form, textIn, useSubmit } from "../ui/form.tsx";
import { Items, Status, say } from "../ui/parts.tsx";
import { Person } from "../ui/person.tsx";
import { Problem } from "../ui/problem.tsx";
import { InvitationLink } from "./invitation-link.tsx";

/** Invites people by mail or by a link, and lists sent invitations, which can be revoked. */
export function Invitations() {
  const invite = useSubmit();
  const revoke = useSubmit();
  const list = useList("listInvitations", {});
  return (
    <>
      <p class="soft">{t("invitation_intro")}</p>
      <section class="card">
        <h2>{t("invitation_mail")}</h2>
        <Form
          submission={invite}
          submitText={t("invite")}
          draft="invitation"
          onSubmit={async (values) => {
            const message = textIn(values, "message");
            const body = { email: textIn(values, "email") ?? "", ...(message === undefined ? {} : { message }) };
            const sent = await act({
              operation: "createInvitation",
              input: { body },
              label: "invite",
              about: body.email,
            });
            say(t(sent ? "invited" : "kept_for_later"));
          }}
        >
          <Field name="email" label={t("email")} type="email" isRequired />
          <Field name="message" label={t("invitation_message")} rows={2} maxLength={500} />
        </Form>
      </section>
      <InvitationLink />
      <Problem error={revoke.error} />
      <Items list={list} empty={t("invitations_none")}>
        {(one) => (
          <div class="card">
            <div class="row between">
              <span>
                {one.kind === "mail"
                  ? (one.email ?? t("address_erased"))
                  : one.uses_max === null
                    ? t("invitation_by_link")
                    : t("invitation_link_uses", { uses: one.uses ?? 0, most: one.uses_max })}
              </span>
              <Status value={`invitation_${one.status}`} />
            </div>
            <span class="soft">{when(one.created_at)}</span>
            {one.guest && <Person of={one.guest} />}
            {one.status === "open" && (
              <button
                class="link"
                type="button"
                onClick={() =>
                  void revoke.run(async () => {
                    await client.call("revokeInvitation", { path: { invitation_id: one.id } });
                    changed();
                  })
                }
              >
                {t("revoke")}
              </button>
            )}
          </div>
        )}
      </Items>
    </>
  );
}

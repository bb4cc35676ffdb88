import type { Export as Part } from "@gotong/client";
import { discardMine } from "../../data/acts.ts";
import { account, client, ended, signOut } from "../../data/session.ts";
import { go } from "../../router.ts";
import { t } from "../../texts/index.ts";
import { PasswordField } from "../../ui/account-fields.tsx";
import { Form, rawIn, useSubmit } from "../../ui/form.tsx";
import { say } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";

/** All data about the member, as one file. */
export function Export() {
  const submission = useSubmit();
  const save = () =>
    submission.run(async () => {
      const parts: Part[] = [];
      for (let cursor: string | undefined; ;) {
        const part = await client.call("exportMe", cursor === undefined ? {} : { query: { cursor } });
        parts.push(part);
        if (part.next_cursor === null) break;
        cursor = part.next_cursor;
      }
      const address = URL.createObjectURL(new Blob([JSON.stringify(parts, null, 2)], { type: "application/json" }));
      const link = document.createElement("a");
      link.href = address;
      link.download = `gotong-royong-${new Date().toISOString().slice(0, 10)}.json`;
      link.click();
      URL.revokeObjectURL(address);
      say(t("export_done"));
    });
  return (
    <>
      <p>{t("export_intro")}</p>
      <Problem error={submission.error} />
      <button type="button" aria-disabled={submission.isDisabled} onClick={() => void save()}>
        {submission.isBusy ? t("please_wait") : t("export_save")}
      </button>
    </>
  );
}

export function Deletion() {
  const submission = useSubmit();
  return (
    <>
      <p class="notice bad">{t("deletion_intro")}</p>
      <Form
        submission={submission}
        submitText={t("deletion_confirm")}
        tone="bad"
        onSubmit={async (values) => {
          const user = account.value?.id;
          await client.call("deleteMe", { body: { password: rawIn(values, "password") } });
          await Promise.allSettled([discardMine(user), signOut()]);
          ended.set(false);
          say(t("deletion_done"));
          go("/login", { replace: true });
        }}
      >
        <PasswordField />
      </Form>
    </>
  );
}

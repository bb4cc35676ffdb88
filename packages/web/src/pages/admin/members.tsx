import { useState } from "preact/hooks";
import type { User } from "@gotong/client";
import { changed, useList, useRead } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { t } from "../../texts/index.ts";
import { Form, useSubmit } from "../../ui/form.tsx";
import { Person, Shown, say } from "../../ui/parts.tsx";

const ROLES = ["verifier", "admin"] as const;

/** Members who lately did something, and the roles of each. */
export function Members() {
  const tasks = useList("listTasks", { query: { limit: 100 } });
  const work = useList("listContributions", { query: { limit: 100 } });
  const ids = [
    ...new Set([
      ...(tasks.value ?? []).flatMap((one) => [one.creator_id, ...(one.assignee_id === null ? [] : [one.assignee_id])]),
      ...(work.value ?? []).map((one) => one.user_id),
    ]),
  ].slice(0, 50);
  return (
    <>
      <p class="soft">{t("members_intro")}</p>
      <ul class="stack">
        {ids.map((id) => (
          <li key={id}>
            <Member id={id} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Member({ id }: { id: string }) {
  const reading = useRead("getUser", { path: { user_id: id } });
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="card">
      <Shown reading={reading}>
        {(user) => (
          <>
            <div class="row between">
              <Person id={user.id} name={user.username} />
              <span class="row">
                {user.roles.map((role) => (
                  <span class="badge plain" key={role}>
                    {t(`role_${role}`)}
                  </span>
                ))}
                <button class="second" type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                  {t("change_roles")}
                  <span class="hidden-visually"> {user.username}</span>
                </button>
              </span>
            </div>
            {isOpen && <Roles user={user} onDone={() => setOpen(false)} />}
          </>
        )}
      </Shown>
    </div>
  );
}

function Roles({ user, onDone }: { user: User; onDone: () => void }) {
  const submission = useSubmit();
  return (
    <Form
      submission={submission}
      submitText={t("save")}
      onSubmit={async (values) => {
        const roles = ["contributor" as const, ...ROLES.filter((role) => values.get(role) !== null)];
        await client.call("setRoles", { path: { user_id: user.id }, body: { roles } });
        changed();
        say(t("saved"));
        onDone();
      }}
    >
      {ROLES.map((role) => (
        <label class="check" key={role}>
          <input type="checkbox" name={role} defaultChecked={user.roles.includes(role)} />
          {t(`role_${role}`)}
        </label>
      ))}
    </Form>
  );
}

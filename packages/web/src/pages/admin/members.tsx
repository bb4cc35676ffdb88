import type { Person as PersonOfAnswer, User } from "@gotong/client";
import { useEffect, useId, useState } from "preact/hooks";
import { changed, useList, useRead } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { t } from "../../texts/index.ts";
import { Form, useSubmit } from "../../ui/form.tsx";
import { useKeptText } from "../../ui/kept.ts";
import { Items, Shown, say } from "../../ui/parts.tsx";
import { Person } from "../../ui/person.tsx";

const ROLES = ["verifier", "admin"] as const;

const TYPING_MS = 400;

/** Members by the beginning of their name, and the roles of each. */
export function Members() {
  const [searched, setSearched] = useKeptText("searched");
  const [words, setWords] = useState(searched);
  const id = useId();
  useEffect(() => {
    const timer = setTimeout(() => setSearched(words.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const list = useList("listUsers", { query: searched === "" ? {} : { q: searched } });
  return (
    <>
      <div class="field">
        <label for={id}>{t("members_search")}</label>
        <input id={id} type="search" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
      </div>
      <Items list={list} empty={t("members_none")}>
        {(person) => <Member of={person} />}
      </Items>
    </>
  );
}

function Member({ of }: { of: PersonOfAnswer }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="card">
      <div class="row between tight">
        <Person of={of} />
        <button class="second" type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t("change_roles")}
          <span class="hidden-visually"> {of.username}</span>
        </button>
      </div>
      {isOpen && <RolesOf id={of.id} onDone={() => setOpen(false)} />}
    </div>
  );
}

function RolesOf({ id, onDone }: { id: string; onDone: () => void }) {
  const user = useRead("getUser", { path: { user_id: id } });
  return <Shown reading={user}>{(value) => <Roles user={value} onDone={onDone} />}</Shown>;
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

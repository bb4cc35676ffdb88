import { useList } from "../../data/read.ts";
import { t, textOf, when } from "../../texts/index.ts";
import { useKeptText } from "../../ui/kept.ts";
import { Items } from "../../ui/parts.tsx";
import { PersonById } from "../../ui/person.tsx";

const ACTIONS = ["", "user.roles", "evidence.read", "evidence.download", "task.hide", "session.lockout"] as const;

/** The audit log, newest first. */
export function Audit() {
  const [action, setAction] = useKeptText("action");
  const list = useList("listAuditLog", { query: action === "" ? {} : { action } });
  return (
    <>
      <label>
        {t("audit_action")}
        <select value={action} onChange={(event) => setAction(event.currentTarget.value)}>
          {ACTIONS.map((one) => (
            <option key={one} value={one}>
              {one === "" ? t("all") : one}
            </option>
          ))}
        </select>
      </label>
      <Items list={list} empty={t("audit_none")}>
        {(one) => (
          <div class="card">
            <div class="row between">
              <code>{one.action}</code>
              <span class="soft">{when(one.created_at)}</span>
            </div>
            <p>
              {one.actor_id === null ? t("the_system") : <PersonById id={one.actor_id} />} →{" "}
              {textOf("target", one.target_type, "target_other")}{" "}
              {one.target_type === "user" ? <PersonById id={one.target_id} /> : <code>{one.target_id}</code>}
            </p>
          </div>
        )}
      </Items>
    </>
  );
}

import type { AdminReport } from "@gotong/client";
import { useState } from "preact/hooks";
import { changed, useList } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { ago, t } from "../../texts/index.ts";
import { Field, Form, textIn, useSubmit } from "../../ui/form.tsx";
import { useKeptChoice } from "../../ui/kept.ts";
import { Choices, Items, Sheet, Status, say } from "../../ui/parts.tsx";
import { Person } from "../../ui/person.tsx";
import { Problem } from "../../ui/problem.tsx";

/** Reports of members; an admin hides the content and resolves the report. */
export function Reports() {
  const [status, setStatus] = useKeptChoice("status", ["open", "resolved"]);
  const list = useList("listReports", { query: { status } });
  return (
    <>
      <Choices
        label="reports"
        value={status}
        onChoose={setStatus}
        options={[
          ["open", t("reports_open")],
          ["resolved", t("reports_resolved")],
        ]}
      />
      <Items list={list} empty={t("reports_none")}>
        {(one) => <Report report={one} />}
      </Items>
    </>
  );
}

const PATHS = { task: "/tasks/", contribution: "/contributions/", user: "/members/" } as const;

function Report({ report }: { report: AdminReport }) {
  const submission = useSubmit();
  const [isHiding, setHiding] = useState(false);
  const { target_type: type } = report;
  // Evidence and comments have no page.
  const path = type === "evidence" || type === "comment" ? undefined : `${PATHS[type]}${report.target_id}`;
  // Of a member, only the profile picture can be hidden.
  const canHide = type !== "user" || report.target_owner.avatar_url !== null;
  const unhide = () =>
    submission.run(async () => {
      await show(report);
      changed();
      say(t("unhidden"));
    });
  const resolve = (outcome: "dismissed" | "warned" | "hidden") =>
    submission.run(async () => {
      const body = { outcome, include_same_target: true };
      await client.call("resolveReport", { path: { report_id: report.id }, body });
      changed();
      say(t("report_resolved"));
    });
  return (
    <div class="card">
      <div class="row between">
        <span class="badge warn">{t(`reason_${report.reason}`)}</span>
        <span class="soft">{ago(report.created_at)}</span>
      </div>
      <p>
        {path === undefined ? t(`target_${type}`) : <a href={path}>{t(`target_${type}`)}</a>} ·{" "}
        <Person of={report.target_owner} />
      </p>
      {report.details !== null && <p class="pre">“{report.details}”</p>}
      <p class="soft">
        {t("reported_by")} <Person of={report.reporter} />
      </p>
      {report.outcome !== null && <Status value={`outcome_${report.outcome}`} />}
      <Problem error={submission.error} />
      {report.status === "open" && (
        <div class="row">
          <button class="second" type="button" onClick={() => void resolve("dismissed")}>
            {t("dismiss")}
          </button>
          <button class="second" type="button" onClick={() => void resolve("warned")}>
            {t("warned")}
          </button>
          {canHide && (
            <button class="bad" type="button" onClick={() => setHiding(true)}>
              {t(type === "user" ? "hide_avatar" : "hide")}
            </button>
          )}
        </div>
      )}
      {report.outcome === "hidden" && (
        <button class="link" type="button" aria-disabled={submission.isDisabled} onClick={() => void unhide()}>
          {t("unhide")}
        </button>
      )}
      {isHiding && (
        <HideSheet
          report={report}
          onClose={() => setHiding(false)}
          onHidden={() => {
            setHiding(false);
            void resolve("hidden");
          }}
        />
      )}
    </div>
  );
}

/** Hides the reported content; of a member, the profile picture. */
async function hide({ target_type: type, target_id: id }: AdminReport, reason: string): Promise<void> {
  const body = { reason };
  if (type === "task") await client.call("hideTask", { path: { task_id: id }, body });
  else if (type === "evidence") await client.call("hideEvidence", { path: { evidence_id: id }, body });
  else if (type === "comment") await client.call("hideComment", { path: { comment_id: id }, body });
  else if (type === "contribution") await client.call("hideContribution", { path: { contribution_id: id }, body });
  else await client.call("hideAvatar", { path: { user_id: id }, body });
}

/** Shows the content again that was hidden because of the report. */
async function show({ target_type: type, target_id: id }: AdminReport): Promise<void> {
  if (type === "task") await client.call("unhideTask", { path: { task_id: id } });
  else if (type === "evidence") await client.call("unhideEvidence", { path: { evidence_id: id } });
  else if (type === "comment") await client.call("unhideComment", { path: { comment_id: id } });
  else if (type === "contribution") await client.call("unhideContribution", { path: { contribution_id: id } });
  else await client.call("unhideAvatar", { path: { user_id: id } });
}

interface HideProps {
  readonly report: AdminReport;
  readonly onClose: () => void;
  readonly onHidden: () => void;
}

function HideSheet({ report, onClose, onHidden }: HideProps) {
  const submission = useSubmit();
  const save = async (values: FormData) => {
    await hide(report, textIn(values, "reason") ?? "");
    onHidden();
  };
  return (
    <Sheet title={t("hide_title")} onClose={onClose}>
      <p>{t("hide_intro")}</p>
      <Form submission={submission} submitText={t("hide")} onSubmit={save}>
        <Field name="reason" label={t("reason")} rows={2} maxLength={500} isRequired />
      </Form>
    </Sheet>
  );
}

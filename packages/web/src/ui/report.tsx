import { useState } from "preact/hooks";
import { act } from "../data/acts.ts";
import { t } from "../texts/index.ts";
import { Choice, Field, Form, textIn, useSubmit } from "./form.tsx";
import { Sheet, say } from "./parts.tsx";

const REASONS = ["spam", "abuse", "fraud", "privacy", "dangerous", "other"] as const;
type Target = "task" | "contribution" | "evidence" | "user" | "comment";

/** Reports content or a member to the admins. */
export function ReportButton({ type, id }: { type: Target; id: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button class="link" type="button" onClick={() => setOpen(true)}>
        {t("report")}
      </button>
      {isOpen && <ReportSheet type={type} id={id} onClose={() => setOpen(false)} />}
    </>
  );
}

function ReportSheet({ type, id, onClose }: { type: Target; id: string; onClose: () => void }) {
  const submission = useSubmit();
  const send = async (values: FormData) => {
    const details = textIn(values, "details");
    const reason = REASONS.find((one) => one === values.get("reason")) ?? "other";
    const body = { reason, ...(details === undefined ? {} : { details }) };
    const common = { label: "report", about: details ?? t(`reason_${reason}`) } as const;
    if (type === "task") await act({ operation: "reportTask", input: { path: { task_id: id }, body }, ...common });
    else if (type === "user") await act({ operation: "reportUser", input: { path: { user_id: id }, body }, ...common });
    else if (type === "comment")
      await act({ operation: "reportComment", input: { path: { comment_id: id }, body }, ...common });
    else if (type === "evidence")
      await act({ operation: "reportEvidence", input: { path: { evidence_id: id }, body }, ...common });
    else await act({ operation: "reportContribution", input: { path: { contribution_id: id }, body }, ...common });
    say(t("reported"));
    onClose();
  };
  return (
    <Sheet title={t("report_title")} onClose={onClose}>
      <p class="soft">{t("report_intro")}</p>
      <Form submission={submission} submitText={t("report_send")} onSubmit={send} draft={`report ${id}`}>
        <Choice
          name="reason"
          label={t("reason")}
          value="other"
          options={REASONS.map((one) => [one, t(`reason_${one}`)])}
        />
        <Field name="details" label={t("details")} rows={3} maxLength={1000} />
      </Form>
    </Sheet>
  );
}

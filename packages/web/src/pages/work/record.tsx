import { act } from "../../data/acts.ts";
import { go } from "../../router.ts";
import { t } from "../../texts/index.ts";
import { Choice, Field, Form, textIn, useSubmit } from "../../ui/form.tsx";
import { Heading, say } from "../../ui/parts.tsx";

const TYPES = [
  "community_service",
  "mentoring",
  "event_organization",
  "documentation",
  "code_review",
  "custom",
] as const;

/** Records a contribution without a task. */
export function RecordPage() {
  const submission = useSubmit();
  const save = async (values: FormData) => {
    const title = textIn(values, "title") ?? "";
    const description = textIn(values, "description");
    const contribution_type = TYPES.find((one) => one === values.get("contribution_type")) ?? "custom";
    const body = { title, contribution_type, ...(description === undefined ? {} : { description }) };
    const made = await act({ operation: "createContribution", input: { body }, label: "record_title", about: title });
    if (!made) say(t("kept_for_later"));
    go(made ? `/contributions/${made.id}` : "/waiting", { replace: true });
  };
  return (
    <>
      <Heading text={t("record_title")} />
      <p class="soft">{t("record_intro")}</p>
      <Form submission={submission} submitText={t("save")} onSubmit={save} draft="record">
        <Field name="title" label={t("record_what")} maxLength={200} isRequired />
        <Choice
          name="contribution_type"
          label={t("kind")}
          value="community_service"
          options={TYPES.map((one) => [one, t(`type_${one}`)])}
        />
        <Field name="description" label={t("details")} rows={4} maxLength={5000} />
      </Form>
    </>
  );
}

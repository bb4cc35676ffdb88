import { useState } from "preact/hooks";
import { act } from "../../data/acts.ts";
import { rightTime } from "../../data/clock.ts";
import { SIZES } from "../../data/file-size.ts";
import { t } from "../../texts/index.ts";
import { FilePicker } from "../../ui/file-picker.tsx";
import { Choice, Field, Form, textIn, useSubmit } from "../../ui/form.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Sheet, say } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";
import { position } from "./position.ts";

interface ProofProps {
  readonly contributionId: string;
  readonly title: string;
  readonly isMine: boolean;
}

/** Adds proof to a contribution: a picture, a place, witnesses. */
export function Proof(props: ProofProps) {
  return (
    <section class="card">
      <h2>{t(props.isMine ? "prove_title" : "prove_other_title")}</h2>
      <p class="soft">{t("prove_intro")}</p>
      <Picture {...props} />
      <Place {...props} />
      <Witnesses {...props} />
    </section>
  );
}

const TYPES = Object.keys(SIZES).join(",");

function Picture({ contributionId, title }: ProofProps) {
  const submission = useSubmit();
  const [part, setPart] = useState<number>();
  const add = (file: File) =>
    submission.run(async () => {
      setPart(0);
      try {
        const sent = await act({
          operation: "submitEvidence",
          // These are placeholders: the body is built from the file when the act is sent.
          input: {
            path: { contribution_id: contributionId },
            body: { evidence_type: "photo_with_timestamp", proof: { timestamp: "", media_hash: "" }, upload_id: "" },
          },
          label: "proof_photo_with_timestamp",
          about: title,
          file: { blob: file, name: file.name, takenAt: rightTime(file.lastModified) },
          onProgress: setPart,
        });
        say(t(sent ? "proof_sent" : "kept_for_later"));
      } finally {
        setPart(undefined);
      }
    });
  return (
    <div class="stack">
      <FilePicker camera="environment" accept={TYPES} chooseText="choose_file" part={part} onFile={add} />
      <Problem error={submission.error} />
    </div>
  );
}

function Place({ contributionId, title }: ProofProps) {
  const submission = useSubmit();
  const add = () =>
    submission.run(async () => {
      const reading = await position();
      const input = {
        path: { contribution_id: contributionId },
        body: {
          evidence_type: "gps_verification" as const,
          proof: { ...reading, timestamp: rightTime() },
        },
      };
      const sent = await act({ operation: "submitEvidence", input, label: "proof_gps_verification", about: title });
      say(t(sent ? "proof_sent" : "kept_for_later"));
    });
  return (
    <div class="stack">
      <button class="second wide" type="button" aria-disabled={submission.isBusy} onClick={() => void add()}>
        <Icon name="place" /> {submission.isBusy ? t("finding_place") : t("add_place")}
      </button>
      <Problem error={submission.error} />
    </div>
  );
}

const RELATIONSHIPS = ["beneficiary", "peer", "supervisor", "other"] as const;

function Witnesses({ contributionId, title }: ProofProps) {
  const [isOpen, setOpen] = useState(false);
  const submission = useSubmit();
  const add = async (values: FormData) => {
    const statement = textIn(values, "statement");
    const witness = {
      witness_name: textIn(values, "witness_name") ?? "",
      relationship: RELATIONSHIPS.find((one) => one === values.get("relationship")) ?? ("other" as const),
      ...(statement === undefined ? {} : { statement }),
    };
    const input = {
      path: { contribution_id: contributionId },
      body: {
        evidence_type: "witness_attestation" as const,
        proof: { witnesses: [witness], timestamp: rightTime() },
      },
    };
    const sent = await act({ operation: "submitEvidence", input, label: "proof_witness_attestation", about: title });
    say(t(sent ? "proof_sent" : "kept_for_later"));
    setOpen(false);
  };
  return (
    <>
      <button class="second wide" type="button" onClick={() => setOpen(true)}>
        <Icon name="people" /> {t("add_witness")}
      </button>
      {isOpen && (
        <Sheet title={t("add_witness")} onClose={() => setOpen(false)}>
          <p class="soft">{t("witness_intro")}</p>
          <Form submission={submission} submitText={t("save")} onSubmit={add} draft="witness">
            <Field name="witness_name" label={t("witness_name")} maxLength={100} isRequired />
            <Choice
              name="relationship"
              label={t("relationship")}
              value="beneficiary"
              options={RELATIONSHIPS.map((one) => [one, t(`relationship_${one}`)])}
            />
            <Field name="statement" label={t("statement")} rows={3} maxLength={1000} />
          </Form>
        </Sheet>
      )}
    </>
  );
}

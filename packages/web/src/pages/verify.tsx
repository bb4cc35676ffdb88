import type { ContributionDetail, Evidence } from "@gotong/client";
import { useEffect, useState } from "preact/hooks";
import { act } from "../data/acts.ts";
import { useList, useRead } from "../data/read.ts";
import { ago, number, t, when } from "../texts/index.ts";
import { Field, Form, textIn, useSubmit } from "../ui/form.tsx";
import { Heading, Loading, Sheet, Shown, Status, say } from "../ui/parts.tsx";
import { Person } from "../ui/person.tsx";
import { Problem } from "../ui/problem.tsx";
import { isSettling } from "../ui/settle.ts";
import { Details } from "./work/piece.tsx";
import { Plot } from "./work/plot.tsx";
import { Thumbnail } from "./work/thumbnail.tsx";

/** The contributions that wait for this verifier's vote, one after another; the next one is preloaded. */
export function VerifyPage() {
  const list = useList("listVerificationQueue", { query: { limit: 50 } });
  const [passed, setPassed] = useState<readonly string[]>([]);
  const waiting = (list.value ?? []).filter(({ id }) => !passed.includes(id));
  const [current, next] = waiting;
  useEffect(() => {
    // The next contribution begins at its top, and not at the buttons of the former one, where a verifier could judge it unseen.
    if (passed.length > 0) scrollTo(0, 0);
  }, [passed.length]);
  return (
    <>
      <Heading text={t("verify_title")}>
        {list.value && <span class="badge">{t("verify_count", { count: waiting.length })}</span>}
      </Heading>
      <Shown reading={list}>
        {() =>
          current ? (
            <>
              <Card key={current.id} id={current.id} onPass={() => setPassed([...passed, current.id])} />
              {next && <Preload key={next.id} id={next.id} />}
            </>
          ) : (
            <p class="card">{t("verify_none")}</p>
          )
        }
      </Shown>
    </>
  );
}

function Preload({ id }: { id: string }) {
  useRead("getContribution", { path: { contribution_id: id } });
  return null;
}

function Card({ id, onPass }: { id: string; onPass: () => void }) {
  const reading = useRead("getContribution", { path: { contribution_id: id } });
  if (reading.value === undefined && reading.error === undefined) return <Loading />;
  return <Shown reading={reading}>{(value) => <Judged value={value} onPass={onPass} />}</Shown>;
}

const isPicture = (one: Evidence) => one.evidence_type === "photo_with_timestamp";

function Judged({ value, onPass }: { value: ContributionDetail; onPass: () => void }) {
  const submission = useSubmit();
  const [isRejecting, setRejecting] = useState(false);
  const vote = (outcome: "approved" | "rejected", notes?: string) =>
    submission.run(async () => {
      const input = {
        path: { contribution_id: value.id },
        body: { outcome, evidence_version: value.evidence_version, ...(notes === undefined ? {} : { notes }) },
      };
      const label = outcome === "approved" ? "approve" : "reject";
      await act({ operation: "verifyContribution", input, label, about: value.title });
      say(t(outcome === "approved" ? "approved" : "rejected"));
      setRejecting(false);
      onPass();
    });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest("input, textarea, select, dialog") !== null;
      // A key that stays pressed, or pressed twice, must not judge the next contribution too.
      if (isTyping || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "r") setRejecting(true);
      else if (isSettling()) return;
      else if (event.key === "a") void vote("approved");
      else if (event.key === "n") onPass();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  const pieces = value.evidence
    .filter((one) => one.status !== "refused")
    .toSorted((a, b) => Number(isPicture(b)) - Number(isPicture(a)));
  return (
    <article class="stack" aria-label={value.title}>
      <div class="card">
        <h2>{value.title}</h2>
        <p class="soft">
          <Person of={value.user} /> · {ago(value.created_at)}
        </p>
        {value.description !== null && value.description !== "" && <p class="pre">{value.description}</p>}
        <p class="soft">
          {t("quality", { score: number(value.quality_score, 2), multiplier: number(value.reputation_multiplier) })}
        </p>
      </div>
      <Plot pieces={pieces} />
      {pieces.length === 0 && <p class="notice warn">{t("evidence_none")}</p>}
      {pieces.map((one) => (
        <div class="card" key={one.id}>
          <div class="row between">
            <h3>{t(`proof_${one.evidence_type}`)}</h3>
            {one.status === "accepted" ? null : <Status value={one.status} />}
          </div>
          {isPicture(one) && <Thumbnail piece={one} />}
          <p class="soft">{when(one.timestamp)}</p>
          <Details piece={one} />
        </div>
      ))}
      <Problem error={submission.error} />
      <div class="row">
        <button
          type="button"
          aria-keyshortcuts="a"
          aria-disabled={submission.isDisabled}
          onClick={() => void vote("approved")}
        >
          {t("approve")}
        </button>
        <button type="button" class="bad" aria-keyshortcuts="r" onClick={() => setRejecting(true)}>
          {t("reject")}
        </button>
        <button type="button" class="link" aria-keyshortcuts="n" onClick={onPass}>
          {t("pass")}
        </button>
      </div>
      <p class="hint">{t("verify_keys")}</p>
      {isRejecting && (
        <Sheet title={t("reject_title")} onClose={() => setRejecting(false)}>
          <Reasons onReject={(notes) => void vote("rejected", notes)} />
        </Sheet>
      )}
    </article>
  );
}

const REASONS = ["unclear", "other_place", "other_time", "not_done"] as const;

/** The reason for a rejection: a suggested one, or the verifier's own text. */
function Reasons({ onReject }: { onReject: (notes: string) => void }) {
  const submission = useSubmit();
  return (
    <>
      {REASONS.map((one) => (
        <button key={one} class="second wide" type="button" onClick={() => onReject(t(`reject_${one}`))}>
          {t(`reject_${one}`)}
        </button>
      ))}
      <Form
        submission={submission}
        submitText={t("reject")}
        onSubmit={async (values) => onReject(textIn(values, "notes") ?? t("reject_unclear"))}
      >
        <Field name="notes" label={t("reject_own")} rows={2} maxLength={1000} />
      </Form>
    </>
  );
}

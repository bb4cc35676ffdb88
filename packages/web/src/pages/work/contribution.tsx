import type { ContributionDetail, Evidence } from "@gotong/client";
import { useEffect } from "preact/hooks";
import { act } from "../../data/acts.ts";
import { useRead } from "../../data/read.ts";
import { account } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { number, t, textOf, when } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Heading, Person, PersonById, Shown, Status, say } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";
import { ReportButton } from "../../ui/report.tsx";
import { Findings } from "./findings.tsx";
import { Proof } from "./proof.tsx";
import { Thumbnail } from "./thumbnail.tsx";

const POLL_MS = 2000;

export function ContributionPage({ parts }: { parts: readonly string[] }) {
  const reading = useRead("getContribution", { path: { contribution_id: parts[0] ?? "" } });
  const isExamining = reading.value?.evidence.some((one) => one.status === "examining") === true;
  useEffect(() => {
    if (!isExamining) return;
    const timer = setTimeout(reading.reload, POLL_MS);
    return () => clearTimeout(timer);
  }, [isExamining, reading.value]);
  return <Shown reading={reading}>{(value) => <Shows value={value} />}</Shown>;
}

/** How far a contribution is: done, proven, believed. */
function Progress({ value }: { value: ContributionDetail }) {
  const isProven = value.evidence.some((one) => one.status === "accepted");
  const isDecided = value.verification_status !== "pending";
  const stage = isDecided ? 3 : isProven ? 2 : 1;
  return (
    <div class="card">
      <ol class="steps" aria-hidden="true">
        {[1, 2, 3].map((one) => (
          <li key={one} class={one <= stage ? "done" : ""} />
        ))}
      </ol>
      <p>
        {isDecided
          ? t(`decided_${value.verification_status === "verified" ? "verified" : "rejected"}`)
          : t(isProven ? "stage_proven" : "stage_done")}
      </p>
      <p class="soft">
        {t("quality", { score: number(value.quality_score, 2), multiplier: number(value.reputation_multiplier, 1) })}
      </p>
    </div>
  );
}

function Shows({ value }: { value: ContributionDetail }) {
  const user = useSignal(account);
  const isMine = value.user_id === user?.id;
  const isPending = value.verification_status === "pending";
  return (
    <>
      <Heading text={value.title}>
        <Status value={value.verification_status} />
      </Heading>
      {value.hidden && <p class="notice warn">{t("hidden_notice", { reason: value.hidden.reason })}</p>}
      {value.description !== null && value.description !== "" && <p class="pre card">{value.description}</p>}
      <dl class="facts">
        <dt>{t("done_by")}</dt>
        <dd>
          <Person of={value.user} />
        </dd>
        <dt>{t("done_at")}</dt>
        <dd>{when(value.created_at)}</dd>
        {value.task_id !== null && (
          <>
            <dt>{t("task")}</dt>
            <dd>
              <a href={`/tasks/${value.task_id}`}>{t("to_task")}</a>
            </dd>
          </>
        )}
      </dl>
      <Progress value={value} />
      {isPending && <Proof contributionId={value.id} title={value.title} isMine={isMine} />}
      <section class="stack">
        <h2>{t("evidence")}</h2>
        {value.evidence.length === 0 && <p class="soft">{t("evidence_none")}</p>}
        {value.evidence.map((one) => (
          <Piece key={one.id} piece={one} isMine={isMine} isPending={isPending} userId={user?.id} />
        ))}
      </section>
      {value.verifications.length > 0 && (
        <section class="stack">
          <h2>{t("votes")}</h2>
          <ul class="stack">
            {value.verifications.map((one) => (
              <li class="card" key={one.id}>
                <div class="row between">
                  <Person of={one.verifier} />
                  <Status value={one.outcome} />
                </div>
                {one.notes !== null && <p class="pre">{one.notes}</p>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {!isMine && <ReportButton type="contribution" id={value.id} />}
    </>
  );
}

interface PieceProps {
  readonly piece: Evidence;
  readonly isMine: boolean;
  readonly isPending: boolean;
  readonly userId: string | undefined;
}

function Piece({ piece, isMine, isPending, userId }: PieceProps) {
  const isOwn = piece.submitted_by === userId;
  const canWithdraw =
    isPending && (isOwn || isMine) && ["examining", "awaiting_consent", "accepted"].includes(piece.status);
  return (
    <article class="card">
      <div class="row between">
        <h3>{t(`proof_${piece.evidence_type}`)}</h3>
        <Status value={piece.status} />
      </div>
      {piece.evidence_type === "photo_with_timestamp" && piece.status !== "refused" && <Thumbnail piece={piece} />}
      <p class="soft">
        {when(piece.timestamp)} · <PersonById id={piece.submitted_by} />
      </p>
      {piece.refusal && <p class="notice bad">{textOf("refusal", piece.refusal.code, "refusal_other")}</p>}
      {piece.status === "examining" && <p role="status">{t("examining_hint")}</p>}
      <Details piece={piece} />
      {piece.status === "awaiting_consent" && isMine && isPending && <Consent piece={piece} />}
      {canWithdraw && <Withdraw piece={piece} />}
    </article>
  );
}

export function Details({ piece }: { piece: Evidence }) {
  const { details } = piece;
  if (!details) return null;
  return (
    <>
      {details.location && (
        <p>
          <a href={`geo:${details.location.lat},${details.location.lon}`}>
            {details.location.lat.toFixed(5)}, {details.location.lon.toFixed(5)}
          </a>
          {details.accuracy_meters !== null && ` · ± ${number(details.accuracy_meters, 0)} m`}
        </p>
      )}
      {details.witnesses.length > 0 && (
        <ul class="stack">
          {details.witnesses.map((one) => (
            <li key={one.witness_name}>
              <strong>{one.witness_name}</strong>
              {one.relationship !== null && ` · ${t(`relationship_${one.relationship}`)}`}
              {one.statement !== null && <p class="pre">“{one.statement}”</p>}
            </li>
          ))}
        </ul>
      )}
      <Findings piece={piece} />
    </>
  );
}

function Consent({ piece }: { piece: Evidence }) {
  const submission = useSubmit();
  const answer = (accept: boolean) =>
    submission.run(async () => {
      const input = { path: { evidence_id: piece.id }, body: { accept } };
      const label = accept ? "accept" : "decline";
      const done = await act({ operation: "answerEvidence", input, label, about: t(`proof_${piece.evidence_type}`) });
      say(t(done ? "saved" : "kept_for_later"));
    });
  return (
    <div class="stack">
      <p>{t("consent_asks")}</p>
      <Problem error={submission.error} />
      <div class="row">
        <button type="button" onClick={() => void answer(true)}>
          {t("accept")}
        </button>
        <button type="button" class="second" onClick={() => void answer(false)}>
          {t("decline")}
        </button>
      </div>
    </div>
  );
}

function Withdraw({ piece }: { piece: Evidence }) {
  const submission = useSubmit();
  return (
    <>
      <Problem error={submission.error} />
      <button
        class="link"
        type="button"
        onClick={() =>
          void submission.run(async () => {
            const input = { path: { evidence_id: piece.id }, body: {} };
            const about = t(`proof_${piece.evidence_type}`);
            const done = await act({ operation: "withdrawEvidence", input, label: "withdraw", about });
            say(t(done ? "saved" : "kept_for_later"));
          })
        }
      >
        {t("withdraw")}
      </button>
    </>
  );
}

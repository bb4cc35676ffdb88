import type { ContributionDetail } from "@gotong/client";
import { useEffect } from "preact/hooks";
import { useRead } from "../../data/read.ts";
import { account } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { number, t, when } from "../../texts/index.ts";
import { Heading, Shown, Status } from "../../ui/parts.tsx";
import { Person } from "../../ui/person.tsx";
import { ReportButton } from "../../ui/report.tsx";
import { Comments } from "../comments.tsx";
import { Piece } from "./piece.tsx";
import { Proof } from "./proof.tsx";

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

/** The progress of a contribution, in three steps: done, proven, verified. */
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
      <Comments type="contribution" id={value.id} />
    </>
  );
}

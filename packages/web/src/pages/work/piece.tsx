import type { Evidence } from "@gotong/client";
import { act } from "../../data/acts.ts";
import { number, t, textOf, when } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Status, say } from "../../ui/parts.tsx";
import { PersonById } from "../../ui/person.tsx";
import { Problem } from "../../ui/problem.tsx";
import { Findings } from "./findings.tsx";
import { Thumbnail } from "./thumbnail.tsx";

interface PieceProps {
  readonly piece: Evidence;
  readonly isMine: boolean;
  readonly isPending: boolean;
  readonly userId: string | undefined;
}

/** One piece of evidence, with the actions that its submitter or the owner may take. */
export function Piece({ piece, isMine, isPending, userId }: PieceProps) {
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
      {details.file && details.file.taken_at === null && piece.evidence_type === "photo_with_timestamp" && (
        <p class="notice">{t("file_without_time")}</p>
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

import { discard, progress, send, waiting } from "../../data/acts.ts";
import { account } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { t, textOf, when } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Heading } from "../../ui/parts.tsx";

/** Acts that were done offline, in order, and acts that the API has rejected. */
export function WaitingPage() {
  const acts = useSignal(waiting).filter((one) => one.user === account.value?.id);
  const parts = useSignal(progress);
  const submission = useSubmit();
  return (
    <>
      <Heading text={t("waiting_title")} />
      <p class="soft">{t("waiting_intro")}</p>
      {acts.length === 0 && <p class="card">{t("waiting_none")}</p>}
      <ol class="stack">
        {acts.map((one) => (
          <li class="card" key={one.key}>
            <div class="row between">
              <h2>{t(one.label)}</h2>
              <span class="soft">{when(one.at)}</span>
            </div>
            <p>{one.about}</p>
            {one.file && one.refusal === undefined && (
              <progress value={parts[one.key] ?? 0} max={1} aria-label={t("sending")} />
            )}
            {one.refusal !== undefined && <p class="notice bad">{textOf("problem", one.refusal, "problem_UNKNOWN")}</p>}
            <button class="link" type="button" onClick={() => void discard(one)}>
              {t(one.refusal === undefined ? "discard" : "understood")}
            </button>
          </li>
        ))}
      </ol>
      {acts.some((one) => one.refusal === undefined) && (
        <button
          class="wide"
          type="button"
          aria-disabled={submission.isDisabled}
          onClick={() => void submission.run(send)}
        >
          {submission.isBusy ? t("sending") : t("send_now")}
        </button>
      )}
    </>
  );
}

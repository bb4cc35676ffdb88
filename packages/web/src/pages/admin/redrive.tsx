import type { WebhookFailure } from "@gotong/client";
import { useState } from "preact/hooks";
import { rightTime } from "../../data/clock.ts";
import { changed } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { t, when } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { Sheet } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";

/**
 * Upper limit of failures that the dry run reads: ten requests of 100 failures each. A member may send a hundred
 * requests in a minute.
 */
const COUNTED_MOST = 1000;
const PAGE = 100;

interface Plan {
  /** End of the selected period: events that fail again during the redrive are not sent again. */
  readonly until: string;
  readonly failures: readonly WebhookFailure[];
  readonly isComplete: boolean;
}

/** The result of a dry run: the events that a redrive would send. */
async function dryRun(): Promise<Plan> {
  const until = rightTime();
  const failures: WebhookFailure[] = [];
  const query = { redriven: "false", limit: PAGE } as const;
  for await (const one of client.each("listWebhookFailures", { query })) {
    if (failures.length === COUNTED_MOST) return { until, failures, isComplete: false };
    failures.push(one);
  }
  return { until, failures, isComplete: true };
}

const canBeSent = ({ event_id }: WebhookFailure) => event_id !== null;
const causeOf = ({ event_type, queue, status, reason }: WebhookFailure) =>
  [event_type ?? queue ?? "", status ?? reason].join(" · ");

/** Redrives all failures: a dry run first, then in steps with their progress. */
export function RedriveAll({ isNeeded }: { isNeeded: boolean }) {
  const submission = useSubmit();
  const [plan, setPlan] = useState<Plan>();
  const [count, setCount] = useState<number>();
  const prepare = () =>
    submission.run(async () => {
      setCount(undefined);
      setPlan(await dryRun());
    });
  const sum = plan?.failures.filter(canBeSent).length ?? 0;
  const redrive = ({ until }: Plan) =>
    submission.run(async () => {
      setCount(0);
      try {
        for (let sent = 0, more = true; more;) {
          const result = await client.call("redriveWebhookFailures", { body: { failed_before: until } });
          sent += result.redriven;
          more = result.more && result.redriven > 0;
          setCount(sent);
        }
      } finally {
        changed();
      }
    });
  return (
    <>
      {isNeeded && (
        <button type="button" aria-disabled={submission.isDisabled} onClick={() => void prepare()}>
          {submission.isBusy ? t("please_wait") : t("dry_run")}
        </button>
      )}
      {plan === undefined && <Problem error={submission.error} />}
      {plan && (
        <Sheet title={t("redrive")} onClose={() => setPlan(undefined)}>
          <Preview plan={plan} />
          <Problem error={submission.error} />
          {count === undefined ? (
            sum > 0 && (
              <button type="button" aria-disabled={submission.isDisabled} onClick={() => void redrive(plan)}>
                {t("redrive")}
              </button>
            )
          ) : (
            <div role="status">
              <progress value={count} max={Math.max(sum, count, 1)} aria-label={t("redrive")} />{" "}
              {t("redrive_progress", { count, sum: Math.max(sum, count) })}
            </div>
          )}
        </Sheet>
      )}
    </>
  );
}

function Preview({ plan: { failures, isComplete } }: { plan: Plan }) {
  const sendable = failures.filter(canBeSent);
  const oldest = sendable.at(-1);
  if (!oldest) return <p>{t("dry_run_none")}</p>;
  const groups = Map.groupBy(sendable, causeOf);
  return (
    <>
      <p>{t("dry_run_intro")}</p>
      <dl class="facts">
        {[...groups].map(([cause, those]) => (
          <>
            <dt>{cause}</dt>
            <dd>{those.length}</dd>
          </>
        ))}
      </dl>
      <p class="soft">{t("dry_run_oldest", { time: when(oldest.failed_at) })}</p>
      {failures.length > sendable.length && (
        <p class="soft">{t("dry_run_unusable", { count: failures.length - sendable.length })}</p>
      )}
      {!isComplete && <p class="notice warn">{t("dry_run_most", { count: failures.length })}</p>}
    </>
  );
}

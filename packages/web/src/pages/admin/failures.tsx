import { changed, useList } from "../../data/read.ts";
import { client } from "../../data/session.ts";
import { ago, t, when } from "../../texts/index.ts";
import { useSubmit } from "../../ui/form.tsx";
import { useKeptChoice } from "../../ui/kept.ts";
import { Choices, Items, Status, say } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";
import { RedriveAll } from "./redrive.tsx";

/** Events that Markov did not accept. An operator may redrive one of them, or all of them after a dry run. */
export function Failures() {
  const [redriven, setRedriven] = useKeptChoice("redriven", ["false", "true"]);
  const list = useList("listWebhookFailures", { query: { redriven } });
  const submission = useSubmit();
  return (
    <>
      <p class="soft">{t("failures_intro")}</p>
      <Choices
        label="failures"
        value={redriven}
        onChoose={setRedriven}
        options={[
          ["false", t("failures_open")],
          ["true", t("failures_redriven")],
        ]}
      />
      <Problem error={submission.error} />
      {redriven === "false" && <RedriveAll isNeeded={(list.value?.length ?? 0) > 0} />}
      <Items list={list} empty={t("failures_none")}>
        {(one) => (
          <div class="card">
            <div class="row between">
              <strong>{one.event_type ?? one.queue}</strong>
              <span class="soft">{ago(one.failed_at)}</span>
            </div>
            <p>{one.reason}</p>
            {one.response_head !== null && one.response_head !== "" && (
              <p>
                <code>{one.response_head}</code>
              </p>
            )}
            {one.redriven_at === null ? (
              <button
                class="second"
                type="button"
                onClick={() =>
                  void submission.run(async () => {
                    await client.call("redriveWebhookFailure", { path: { failure_id: one.id } });
                    changed();
                    say(t("redriven"));
                  })
                }
              >
                {t("redrive")}
              </button>
            ) : (
              <p class="soft">{t("redriven_at", { time: when(one.redriven_at) })}</p>
            )}
          </div>
        )}
      </Items>
    </>
  );
}

const STATES = ["all", "pending", "delivered", "dead"] as const;

/** The events of the outbox with their delivery status. */
export function Events() {
  const [status, setStatus] = useKeptChoice<(typeof STATES)[number]>("status", STATES);
  const list = useList("listWebhookEvents", { query: status === "all" ? {} : { status } });
  return (
    <>
      <Choices
        label="events"
        value={status}
        onChoose={setStatus}
        options={STATES.map((one) => [one, one === "all" ? t("all") : t(`event_${one}`)])}
      />
      <Items list={list} empty={t("events_none")}>
        {(one) => (
          <div class="card">
            <div class="row between">
              <strong>{one.event_type}</strong>
              <Status value={`event_${one.status}`} />
            </div>
            <p class="soft">
              {when(one.created_at)} · {t("attempts", { count: one.attempts })}
            </p>
            <code>{one.id}</code>
          </div>
        )}
      </Items>
    </>
  );
}

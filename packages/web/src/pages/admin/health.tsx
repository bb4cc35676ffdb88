import type { Health as Answer } from "@gotong/client";
import { useEffect, useState } from "preact/hooks";
import { client } from "../../data/session.ts";
import { number, t, textOf, when } from "../../texts/index.ts";
import { Loading } from "../../ui/parts.tsx";
import { Problem } from "../../ui/problem.tsx";
import { Chart } from "./chart.tsx";
import { Cost } from "./cost.tsx";
import { type Sample, sampleOf } from "./metrics.ts";

const PAUSE_MS = 5000;
const KEPT = 60;

/** Health of each dependency, and charts of the last five minutes while the page is open. */
export function Health() {
  const [health, setHealth] = useState<Answer>();
  const [error, setError] = useState<unknown>();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    let isOpen = true;
    const ask = async () => {
      try {
        const [answer, metrics] = await Promise.all([
          client.call("getHealth", {}),
          client.call("getMetrics").catch(() => undefined),
        ]);
        if (!isOpen) return;
        setHealth(answer);
        setError(undefined);
        if (metrics !== undefined) setSamples((before) => [...before, sampleOf(metrics, Date.now())].slice(-KEPT));
      } catch (failure) {
        if (isOpen) setError(failure);
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), PAUSE_MS);
    return () => {
      isOpen = false;
      clearInterval(timer);
    };
  }, []);
  const last = samples.at(-1);
  return (
    <>
      <Problem error={error} />
      {!health && error === undefined && <Loading />}
      {health && (
        <section class="card">
          <div class="row between">
            <h2>{t(health.status === "healthy" ? "healthy" : "unhealthy")}</h2>
            <span class="soft">{when(health.timestamp)}</span>
          </div>
          <dl class="facts">
            {Object.entries(health.checks).map(([name, state]) => (
              <>
                <dt>{textOf("check", name, "check_other")}</dt>
                <dd>
                  <span class={`badge ${state === "error" ? "bad" : state === "disabled" ? "plain" : ""}`}>
                    {t(`health_${state}`)}
                  </span>
                </dd>
              </>
            ))}
            <dt>{t("version")}</dt>
            <dd>{health.version}</dd>
            <dt>{t("stage")}</dt>
            <dd>{health.stage}</dd>
          </dl>
        </section>
      )}
      {last === undefined ? (
        health && <p class="soft">{t("metrics_none")}</p>
      ) : (
        <div class="tiles">
          <Chart title={t("chart_requests")} samples={samples} rate={(one) => one.requests} unit="/s" />
          <Chart title={t("chart_errors")} samples={samples} rate={(one) => one.errors} unit="/s" />
          <Chart
            title={t("chart_latency")}
            samples={samples}
            ratio={(one) => [one.seconds * 1000, one.requests]}
            unit=" ms"
          />
          <Chart title={t("chart_pending")} samples={samples} level={(one) => one.pending} unit="" />
          <Chart title={t("chart_delivered")} samples={samples} rate={(one) => one.delivered} unit="/s" />
          <section class="card">
            <h2>{t("chart_paused")}</h2>
            <p>
              <span class={`badge ${last.isPaused ? "bad" : ""}`}>
                {t(last.isPaused ? "deliveries_paused" : "deliveries_running")}
              </span>
            </p>
          </section>
          <section class="card">
            <h2>{t("dead_letters")}</h2>
            <p>{number(last.dead, 0)}</p>
          </section>
        </div>
      )}
      {health && <Cost stage={health.stage} />}
    </>
  );
}

/**
 * The metric with which workers report that a person is needed, in any function: `isAlarmed` in
 * packages/core/src/platform/metrics/definitions.ts.
 * @param reason an event or message is dead, Markov refuses our secret or address, or a message has failed for too
 * long; all together when left out
 */
export const operatorNeeded = (reason?: "dead" | "our_fault" | "stuck") => ({
  namespace: `gotong-royong/${$app.stage}`,
  metricName: "webhook_operator_needed_total",
  ...(reason === undefined ? {} : { dimensions: { reason } }),
});

/** Retries end up an hour apart: a longer alarm window keeps the alarm from flapping between them. */
export const UNTIL_MENDED = {
  statistic: "Sum",
  period: 300,
  evaluationPeriods: 15,
  datapointsToAlarm: 1,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
};

/**
 * Returns the metric by which workers of any function report that an operator is needed (`isAlarmed` in
 * packages/core/src/platform/metrics/definitions.ts).
 * @param reason an event or message is dead, Markov rejects our secret or address, or a message has failed for too
 * long; if absent, the sum over all reasons
 */
export const operatorNeeded = (reason?: "dead" | "our_fault" | "stuck") => ({
  namespace: `gotong-royong/${$app.stage}`,
  metricName: "webhook_operator_needed_total",
  ...(reason === undefined ? {} : { dimensions: { reason } }),
});

/** Settings of an alarm with a long window: retries are up to an hour apart, and the alarm must not flap between them. */
export const UNTIL_MENDED = {
  statistic: "Sum",
  period: 300,
  evaluationPeriods: 15,
  datapointsToAlarm: 1,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
};

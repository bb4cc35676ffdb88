/**
 * What senders count where only a person can help, whichever function it is: `isAlarmed` in packages/core/src/platform/metrics/definitions.ts.
 * @param reason an event was given up, or Markov refuses our secret or address; both together when left out
 */
export const operatorNeeded = (reason?: "dead" | "our_fault") => ({
  namespace: `gotong-royong/${$app.stage}`,
  metricName: "webhook_operator_needed_total",
  ...(reason === undefined ? {} : { dimensions: { reason } }),
});

/** In the end an hour lies between two attempts: an alarm that looks back for longer does not end between them. */
export const UNTIL_MENDED = {
  statistic: "Sum",
  period: 300,
  evaluationPeriods: 15,
  datapointsToAlarm: 1,
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0,
};

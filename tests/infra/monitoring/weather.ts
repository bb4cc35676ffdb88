/** Series of a healthy system over eight hours, in promtool's notation `start+step×minutes`. */
export const WELL = {
  'http_requests_total{method="GET",route="/v1/tasks",status="200"}': "0+600x500",
  'http_requests_total{method="GET",route="/v1/tasks",status="500"}': "0+0x500",
  http_requests_in_progress: "1x500",
  'http_request_duration_seconds_bucket{le="0.1"}': "0+600x500",
  'http_request_duration_seconds_bucket{le="+Inf"}': "0+600x500",
  webhook_delivery_total: "0+60x500",
  'webhook_delivery_failure{status="503"}': "0+1x500",
  'webhook_delivery_latency_bucket{le="0.5"}': "0+60x500",
  'webhook_delivery_latency_bucket{le="+Inf"}': "0+60x500",
  // A wrong secret that was corrected hours ago must not fire.
  'webhook_operator_needed_total{reason="our_fault"}': "0+1x60 60x440",
  // A past peak of the outbox, which has drained, must not fire.
  webhook_outbox_pending: "5000x440 0x60",
  webhook_dead_letters: "0x500",
  'evidence_processing_duration_seconds_bucket{le="1"}': "0+6x500",
  'evidence_processing_duration_seconds_bucket{le="+Inf"}': "0+6x500",
  'db_query_duration_seconds_bucket{le="0.01"}': "0+600x500",
  'db_query_duration_seconds_bucket{le="+Inf"}': "0+600x500",
  'cache_hits_total{cache="tasks"}': "0+600x500",
  'cache_misses_total{cache="tasks"}': "0+100x500",
} as const;

/** Series over eight hours in which every value is just beyond the threshold of its alert. */
export const IN_TROUBLE = {
  ...WELL,
  'http_requests_total{method="GET",route="/v1/tasks",status="500"}': "0+12x500",
  'http_request_duration_seconds_bucket{le="0.1"}': "0+300x500",
  'http_request_duration_seconds_bucket{le="0.5"}': "0+600x500",
  'webhook_delivery_failure{status="503"}': "0+35x500",
  'webhook_delivery_latency_bucket{le="0.5"}': "0+30x500",
  'webhook_delivery_latency_bucket{le="10"}': "0+60x500",
  'webhook_operator_needed_total{reason="our_fault"}': "0x440 1x60",
  webhook_outbox_pending: "1001x500",
  'webhook_dead_letters{instance="a"}': "0x500",
  'webhook_dead_letters{instance="b"}': "1x500",
  'evidence_processing_duration_seconds_bucket{le="1"}': "0+3x500",
  'evidence_processing_duration_seconds_bucket{le="30"}': "0+6x500",
  'db_query_duration_seconds_bucket{le="0.01"}': "0+300x500",
  'db_query_duration_seconds_bucket{le="1"}': "0+600x500",
  'cache_hits_total{cache="tasks"}': "0+6x500",
} as const;

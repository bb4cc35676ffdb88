import { allowed, isForEveryone, namesItsSource, refusesPlainText, servicesOf } from "../document.ts";
import { at, isNamed, type Resource } from "../resource.ts";
import { each, of, type Rule, together } from "../rule.ts";

const QUEUE = "aws:sqs/queue:Queue";
const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const TOPIC = "aws:sns/topic:Topic";
const TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy";
const BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy";
const KEY = "aws:kms/key:Key";

const isClosed = (resource: Resource) => !allowed(at(resource, "policy")).some(isForEveryone);
/**
 * Returns whether every service in the policy is restricted to callers of this account, against the confused deputy
 * problem: a service that acts on behalf of another account.
 */
const namesSources = (resource: Resource) =>
  allowed(at(resource, "policy")).every((one) => servicesOf(one).length === 0 || namesItsSource(one));

/** Rules for access to a bucket, a queue, a topic or a key from outside. */
export const resourcePolicies: readonly Rule[] = [
  each({
    id: "bucket-policy-is-not-public",
    says: "No bucket's policy allows everybody anything",
    source: "checkov CKV_AWS_70, prowler s3_bucket_public_access, s3_bucket_policy_public_write_access",
    types: [BUCKET_POLICY],
    passes: isClosed,
  }),
  each({
    id: "bucket-policy-names-sources",
    says: "A service may write to a bucket for this account alone",
    source: "infrastructure.md §4",
    types: [BUCKET_POLICY],
    passes: namesSources,
  }),
  each({
    id: "queue-policy-is-not-public",
    says: "No queue's policy allows everybody anything",
    source: "checkov CKV_AWS_168, CKV_AWS_387, prowler sqs_queues_not_publicly_accessible",
    types: [QUEUE_POLICY],
    passes: isClosed,
  }),
  each({
    id: "queue-policy-names-actions",
    says: "No queue's policy allows every action",
    source: "checkov CKV_AWS_72",
    types: [QUEUE_POLICY],
    passes: (policy) =>
      allowed(at(policy, "policy")).every(({ Action }) => !Action.some((action) => action.endsWith("*"))),
  }),
  each({
    id: "queue-policy-names-sources",
    says: "A service may send to a queue only for what the policy names",
    source: "sst-notes §12 Q6",
    types: [QUEUE_POLICY],
    passes: namesSources,
  }),
  together({
    id: "queue-demands-tls",
    says: "Every queue denies requests without TLS",
    source: "infrastructure.md §4, AWS Security Hub SQS guidance",
    types: [QUEUE],
    offenders: (resources) =>
      of(resources, QUEUE).filter(
        (queue) =>
          !of(resources, QUEUE_POLICY).some(
            (one) => isNamed(queue, at(one, "queueUrl")) && refusesPlainText(at(one, "policy")),
          ),
      ),
  }),
  each({
    id: "topic-policy-is-not-public",
    says: "No topic's policy allows everybody anything",
    source: "checkov CKV_AWS_169, prowler sns_topics_not_publicly_accessible",
    types: [TOPIC_POLICY],
    passes: isClosed,
  }),
  each({
    id: "topic-policy-names-sources",
    says: "A service may publish for this account alone",
    source: "checkov CKV_AWS_385, sst-notes §8",
    types: [TOPIC_POLICY],
    passes: namesSources,
  }),
  each({
    id: "topic-demands-tls",
    says: "A topic denies requests without TLS",
    source: "infrastructure.md §4",
    types: [TOPIC_POLICY],
    passes: (policy) => refusesPlainText(at(policy, "policy")),
  }),
  together({
    id: "topic-has-policy",
    says: "Every topic says who may publish: alarms and budgets come as services",
    source: "sst-notes §8",
    types: [TOPIC],
    offenders: (resources) =>
      of(resources, TOPIC).filter(
        (topic) => !of(resources, TOPIC_POLICY).some((one) => isNamed(topic, at(one, "arn"))),
      ),
  }),
  each({
    id: "key-policy-is-not-public",
    says: "No key may be used by everybody",
    source: "checkov CKV_AWS_33, prowler kms_key_not_publicly_accessible",
    types: [KEY],
    passes: isClosed,
  }),
  each({
    id: "key-policy-names-sources",
    says: "A service may use a key for this account alone",
    source: "infrastructure.md §4",
    types: [KEY],
    passes: namesSources,
  }),
];

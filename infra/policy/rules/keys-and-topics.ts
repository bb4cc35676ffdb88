import { at, number, text } from "../resource.ts";
import { each, keptStages, type Rule } from "../rule.ts";

const KEY = "aws:kms/key:Key";
const TOPIC = "aws:sns/topic:Topic";

export const keysAndTopics: readonly Rule[] = [
  each({
    id: "key-has-policy",
    says: "A key says who may use it",
    source: "checkov CKV2_AWS_64",
    types: [KEY],
    passes: (key) => text(key, "policy") !== "",
  }),
  each({
    id: "key-can-be-brought-back",
    says: "A key that is deleted by mistake can be brought back for a month",
    source: "prowler kms_cmk_not_deleted_unintentionally",
    scope: keptStages,
    types: [KEY],
    passes: (key) => number(key, "deletionWindowInDays") >= 30,
  }),
  each({
    id: "key-stays-in-region",
    says: "A key does not leave its region",
    source: "prowler kms_cmk_not_multi_region",
    types: [KEY],
    passes: (key) => at(key, "multiRegion") !== true,
  }),
  each({
    id: "topic-of-alarms-has-usable-key",
    says: "No topic is encrypted with AWS's own key: alarms could not publish to it",
    source: "sst-notes §8",
    types: [TOPIC],
    passes: (topic) => !text(topic, "kmsMasterKeyId").includes("alias/aws/"),
  }),
  each({
    id: "topic-sends-nothing-in-the-clear",
    says: "No subscription uses plain HTTP",
    source: "prowler sns_subscription_not_using_http_endpoints",
    types: ["aws:sns/topicSubscription:TopicSubscription"],
    passes: (subscription) => text(subscription, "protocol") !== "http",
  }),
];

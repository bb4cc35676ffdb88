import { RETENTION_DAYS } from "../retention.ts";
import { nameOf, stage } from "../stage.ts";

/**
 * The firewall of the load balancer, with the same rules as CloudFront's (infra/cdn.ts); undefined if the stage has
 * none.
 */
export const firewall = stage.waf === "off" || stage.pods?.api === undefined ? undefined : createFirewall();

function createFirewall(): aws.wafv2.WebAcl {
  const visibilityConfig = (metricName: string) => ({
    cloudwatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
    metricName,
  });
  const isCounting = stage.waf === "count";
  const areManagedRulesCounting = isCounting || stage.firewall.managedRules === "count";
  const acl = new aws.wafv2.WebAcl("PodsFirewall", {
    name: nameOf("pods", "webAcl"),
    scope: "REGIONAL",
    defaultAction: { allow: {} },
    visibilityConfig: visibilityConfig("all"),
    rules: [
      {
        name: "rate",
        priority: 0,
        action: isCounting ? { count: {} } : { block: {} },
        statement: { rateBasedStatement: { limit: stage.firewall.requestsPerAddress, aggregateKeyType: "IP" } }, // the number of requests in five minutes
        visibilityConfig: visibilityConfig("rate"),
      },
      ...["AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet", "AWSManagedRulesSQLiRuleSet"].map(
        (name, index) => ({
          name,
          priority: index + 1,
          overrideAction: areManagedRulesCounting ? { count: {} } : { none: {} },
          statement: {
            managedRuleGroupStatement: {
              name,
              vendorName: "AWS",
              // Only counts bodies over the managed rule's limit of 8 KB: a valid task or contribution can be larger, and the API has its own limit.
              ruleActionOverrides: index === 0 ? [{ name: "SizeRestrictions_BODY", actionToUse: { count: {} } }] : [],
            },
          },
          visibilityConfig: visibilityConfig(name),
        }),
      ),
    ],
  });
  logRefusals(acl);
  return acl;
}

/** Logs only blocked requests, without credentials, like the firewall at the edge. */
function logRefusals(acl: aws.wafv2.WebAcl): void {
  const group = new aws.cloudwatch.LogGroup("PodsFirewallLogs", {
    name: `aws-waf-logs-${nameOf("pods", "logGroup")}`, // AWS WAF requires the prefix aws-waf-logs-
    retentionInDays: RETENTION_DAYS[stage.logRetention],
  });
  new aws.wafv2.WebAclLoggingConfiguration("PodsFirewallLogging", {
    resourceArn: acl.arn,
    logDestinationConfigs: [group.arn],
    redactedFields: ["authorization", "cookie"].map((name) => ({ singleHeader: { name } })),
    loggingFilter: {
      defaultBehavior: "DROP",
      filters: [
        {
          behavior: "KEEP",
          requirement: "MEETS_ANY",
          conditions: ["BLOCK", "COUNT"].map((action) => ({ actionCondition: { action } })),
        },
      ],
    },
  });
}

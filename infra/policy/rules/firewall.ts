import { at, list, number, type Resource, text } from "../resource.ts";
import { each, never, of, type Rule, type Scope, tenants, together } from "../rule.ts";

const ACL = "aws:wafv2/webAcl:WebAcl";
const LOGGING = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration";
const blocking: Scope = { label: "where the firewall blocks", includes: ({ stage }) => stage.waf === "block" };

const managed = (acl: Resource, name: string) =>
  list(acl, "rules").some((rule) => text(rule, "statement.managedRuleGroupStatement.name") === name);

export const firewall: readonly Rule[] = [
  together({
    id: "firewall-logs",
    says: "The firewall logs what it refused",
    source: "checkov CKV2_AWS_31, prowler wafv2_webacl_logging_enabled, sst-notes §12 C5",
    types: [ACL],
    offenders: (resources) =>
      of(resources, ACL).filter(
        (acl) => !of(resources, LOGGING).some((one) => text(one, "resourceArn") === text(acl.outputs, "arn")),
      ),
  }),
  each({
    id: "firewall-logs-no-credentials",
    says: "The firewall's log contains neither cookies nor credentials",
    source: "infrastructure.md §4",
    types: [LOGGING],
    passes: (one) =>
      ["authorization", "cookie"].every((name) =>
        list(one, "redactedFields").some((field) => text(field, "singleHeader.name") === name),
      ),
  }),
  each({
    id: "firewall-limits-addresses",
    says: "An address may send as many requests in five minutes as the table of stages says, and not more than 20,000 by default",
    source: "infrastructure.md §2; RFC 6888 (many members behind one address)",
    types: [ACL],
    passes: (acl, { stage }) =>
      list(acl, "rules").some(
        (rule) => number(rule, "statement.rateBasedStatement.limit") === stage.firewall.requestsPerAddress,
      ),
  }),
  each({
    id: "firewall-knows-bad-inputs",
    says: "The firewall knows inputs that only attackers send, Log4j look-ups among them",
    source: "checkov CKV_AWS_192, CKV2_AWS_47",
    types: [ACL],
    passes: (acl) => managed(acl, "AWSManagedRulesKnownBadInputsRuleSet"),
  }),
  each({
    id: "firewall-has-core-rules",
    says: "The firewall has AWS's core rules",
    source: "prowler wafv2_webacl_managed_rule_groups_enabled, infrastructure.md §2",
    types: [ACL],
    passes: (acl) => managed(acl, "AWSManagedRulesCommonRuleSet"),
  }),
  each({
    id: "firewall-knows-sql-injection",
    says: "The firewall knows SQL injection",
    source: "sst-notes §1, infrastructure.md §2",
    types: [ACL],
    passes: (acl) => managed(acl, "AWSManagedRulesSQLiRuleSet"),
  }),
  each({
    id: "firewall-counts-each-rule",
    says: "Every rule of the firewall has a metric",
    source: "prowler wafv2_webacl_rule_logging_enabled",
    types: [ACL],
    passes: (acl) => list(acl, "rules").every((rule) => at(rule, "visibilityConfig.cloudwatchMetricsEnabled") === true),
  }),
  each({
    id: "firewall-refuses",
    says: "The firewall refuses addresses that send too much; its managed rules refuse only where the stage says so",
    source: "infrastructure.md §2",
    scope: blocking,
    types: [ACL],
    passes: (acl, { stage }) =>
      list(acl, "rules").every(
        (rule) =>
          at(rule, "action.count") === undefined &&
          (at(rule, "overrideAction") === undefined ||
            (at(rule, "overrideAction.count") === undefined) === (stage.firewall.managedRules === "block")),
      ),
  }),
  each({
    id: "firewall-lets-large-uploads-be",
    says: "The size of a body is counted, not refused: the API has its own limit, which says why",
    source: "sst-notes §1",
    types: [ACL],
    passes: (acl) =>
      list(acl, "rules").every((rule) => {
        const name = "statement.managedRuleGroupStatement";
        if (text(rule, `${name}.name`) !== "AWSManagedRulesCommonRuleSet") return true;
        return list(rule, `${name}.ruleActionOverrides`).some((one) => text(one, "name") === "SizeRestrictions_BODY");
      }),
  }),
  never({
    id: "tenant-has-no-firewall",
    says: "A tenant has no firewall of its own: it costs more than everything else",
    source: "infrastructure.md §2, sst-notes §12 G2",
    scope: tenants,
    types: [ACL],
  }),
];

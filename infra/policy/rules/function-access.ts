import { at, list, number, tail, text } from "../resource.ts";
import { each, everyStage, never, of, type Rule, type Scope, tenants, together } from "../rule.ts";

const URL = "aws:lambda/functionUrl:FunctionUrl";
const PERMISSION = "aws:lambda/permission:Permission";
const TRIGGER = "aws:lambda/eventSourceMapping:EventSourceMapping";
const ALIAS = "aws:lambda/alias:Alias";
const WARM = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig";
const canaries: Scope = { label: "stages with a canary", includes: ({ stage }) => stage.api.hasCanary };

/** Rules for the callers and the triggers of a function. */
export const functionAccess: readonly Rule[] = [
  each({
    id: "function-url-has-no-open-cors",
    says: "A function's URL does not let every origin in: the API answers for that",
    source: "prowler awslambda_function_url_cors_policy, sst-notes §12 L8",
    types: [URL],
    passes: (url) => !list(url, "cors.allowOrigins").includes("*"),
  }),
  each({
    id: "function-url-is-on-the-alias",
    says: "The URL names the alias, so that a canary moves its traffic",
    source: "sst-notes §2",
    scope: canaries,
    types: [URL],
    passes: (url) => !["", "$LATEST"].includes(text(url, "qualifier")),
  }),
  each({
    id: "function-callers-are-on-the-alias",
    says: "CloudFront may call the alias: leave to call the function does not reach it",
    source: "sst-notes §2",
    scope: canaries,
    types: [PERMISSION],
    passes: (permission) =>
      text(permission, "principal") !== "cloudfront.amazonaws.com" || text(permission, "qualifier") !== "",
  }),
  each({
    id: "alias-names-a-version",
    says: "An alias names a version that never changes",
    source: "infrastructure.md §5",
    types: [ALIAS],
    passes: (alias) => /^\d+$/.test(text(alias, "functionVersion")),
  }),
  together({
    id: "alias-is-of-a-published-function",
    says: "A function with an alias publishes a version at each deployment",
    source: "sst-notes §2",
    types: [ALIAS],
    offenders: (resources) => {
      const named = of(resources, ALIAS).map((alias) => tail(text(alias, "functionName")));
      return of(resources, "aws:lambda/function:Function").filter(
        (one) => named.includes(text(one, "name")) && at(one, "publish") !== true,
      );
    },
  }),
  each({
    id: "warm-functions-are-on-the-alias",
    says: "Functions are kept warm where the traffic goes, on the alias",
    source: "sst-notes §2",
    types: [WARM],
    passes: (warm) => !["", "$LATEST"].includes(text(warm, "qualifier")) && !/^\d+$/.test(text(warm, "qualifier")),
  }),
  never({
    id: "tenant-keeps-nothing-warm",
    says: "A tenant keeps no function warm: that is paid by the hour",
    source: "infrastructure.md §3",
    scope: tenants,
    types: [WARM],
  }),
  each({
    id: "trigger-reports-failures-by-message",
    says: "One bad message does not send a whole batch back",
    source: "sst-notes §12 Q4",
    types: [TRIGGER],
    passes: (trigger) => list(trigger, "functionResponseTypes").includes("ReportBatchItemFailures"),
  }),
  each({
    id: "trigger-has-ceiling",
    says: "A queue can start only so many functions at once: database and Markov stand behind them",
    source: "infrastructure.md §1, sst-notes §6",
    scope: everyStage,
    types: [TRIGGER],
    passes: (trigger) => number(trigger, "scalingConfig.maximumConcurrency") <= 100,
  }),
  each({
    id: "trigger-is-off-where-pods-work",
    says: "Where pods serve a queue its trigger is off: they would take each other's messages",
    source: "infrastructure.md §6",
    types: [TRIGGER],
    passes: (trigger, { stage }) => !stage.hasEks || at(trigger, "enabled") === false,
  }),
];

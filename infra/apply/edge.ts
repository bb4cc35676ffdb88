import { type Inputs, type Translator, call, listOf, nameOf, recordOf, recordsOf, tagsOf, textOf } from "./call.ts";

const cloudFront = (operation: string) => ["cloudfront", operation] as const;
const wafv2 = (operation: string) => ["wafv2", operation] as const;
const logs = (operation: string) => ["logs", operation] as const;
const cloudWatch = (operation: string) => ["cloudwatch", operation] as const;
const codeDeploy = (operation: string) => ["codedeploy", operation] as const;

const dimensionsOf = (value: unknown) =>
  Object.entries(recordOf(value)).map(([name, each]) => ({ name, value: textOf(each) }));

function behaviour(inputs: Inputs): Inputs {
  const { allowedMethods, cachedMethods, lambdaFunctionAssociations, ...rest } = inputs;
  return {
    ...rest,
    allowedMethods: { items: allowedMethods, cachedMethods },
    ...(lambdaFunctionAssociations === undefined
      ? {}
      : {
          lambdaFunctionAssociations: recordsOf(lambdaFunctionAssociations).map(({ lambdaArn, ...association }) => ({
            ...association,
            lambdaFunctionArn: lambdaArn,
          })),
        }),
  };
}

export const edge: Readonly<Record<string, Translator>> = {
  "aws:acm/certificate:Certificate": (inputs, { outputs }) => [
    call(
      ["acm", "RequestCertificate"],
      {
        ...inputs,
        ...tagsOf(inputs),
        subjectAlternativeNames:
          listOf(inputs["subjectAlternativeNames"]).length > 0 ? inputs["subjectAlternativeNames"] : undefined,
      },
      {},
      { [String(outputs["arn"])]: "CertificateArn" },
    ),
  ],
  "aws:acm/certificateValidation:CertificateValidation": () => ({
    none: "waits until ACM has seen the DNS record; asks for nothing",
  }),
  "aws:cloudfront/originAccessControl:OriginAccessControl": (inputs, { id }) => [
    call(
      cloudFront("CreateOriginAccessControl"),
      { originAccessControlConfig: inputs },
      {},
      { [id]: "OriginAccessControl.Id" },
    ),
  ],
  "aws:cloudfront/cachePolicy:CachePolicy": (inputs, resource) => [
    call(cloudFront("CreateCachePolicy"), { cachePolicyConfig: { ...inputs, name: nameOf(inputs, resource) } }),
  ],
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": (inputs, { id }) => {
    const { corsConfig, customHeadersConfig, ...rest } = inputs;
    return [
      call(
        cloudFront("CreateResponseHeadersPolicy"),
        {
          responseHeadersPolicyConfig: {
            ...rest,
            securityHeadersConfig: recordOf(inputs["securityHeadersConfig"]),
            ...(corsConfig === undefined ? {} : { corsConfig }),
            ...(customHeadersConfig === undefined
              ? {}
              : { customHeadersConfig: recordOf(customHeadersConfig)["items"] }),
          },
        },
        {},
        { [id]: "ResponseHeadersPolicy.Id" },
      ),
    ];
  },
  "aws:cloudfront/keyValueStore:KeyValueStore": (inputs, { outputs }) => [
    call(cloudFront("CreateKeyValueStore"), inputs, {}, { [String(outputs["arn"])]: "KeyValueStore.ARN" }),
  ],
  "aws:cloudfront/function:Function": (inputs, { outputs }) => [
    call(
      cloudFront("CreateFunction"),
      {
        name: inputs["name"],
        functionCode: inputs["code"],
        functionConfig: {
          comment: inputs["comment"] ?? "",
          runtime: inputs["runtime"],
          keyValueStoreAssociations: listOf(inputs["keyValueStoreAssociations"]).map((keyValueStoreArn) => ({
            keyValueStoreArn,
          })),
        },
      },
      {},
      { [String(outputs["arn"])]: "FunctionSummary.FunctionMetadata.FunctionARN" },
    ),
  ],
  "aws:cloudfront/distribution:Distribution": (inputs, { id, outputs }) => {
    const { tags: _, waitForDeployment: __, origins, orderedCacheBehaviors, ...config } = inputs;
    return [
      call(
        cloudFront("CreateDistributionWithTags"),
        {
          distributionConfigWithTags: {
            distributionConfig: {
              ...config,
              callerReference: textOf(inputs["comment"]),
              defaultCacheBehavior: behaviour(recordOf(inputs["defaultCacheBehavior"])),
              cacheBehaviors: recordsOf(orderedCacheBehaviors).map(behaviour),
              origins: recordsOf(origins).map(({ originId, ...origin }) => ({
                ...origin,
                id: originId,
                // A bucket origin is read through origin access control, so the older origin access identity stays
                // empty.
                ...("customOriginConfig" in origin ? {} : { s3OriginConfig: { originAccessIdentity: "" } }),
              })),
              restrictions: {
                geoRestriction: { quantity: 0, ...recordOf(recordOf(inputs["restrictions"])["geoRestriction"]) },
              },
            },
            tags: { items: tagsOf(inputs).tags ?? [] },
          },
        },
        {},
        { [id]: "Distribution.Id", [String(outputs["arn"])]: "Distribution.ARN" },
      ),
    ];
  },
  "aws:wafv2/webAcl:WebAcl": (inputs, { outputs }) => [
    call(wafv2("CreateWebACL"), { ...inputs, ...tagsOf(inputs) }, {}, { [String(outputs["arn"])]: "Summary.ARN" }),
  ],
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": (inputs) => [
    call(wafv2("PutLoggingConfiguration"), { loggingConfiguration: inputs }),
  ],
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": (inputs, { name }) => {
    const to = recordOf(inputs["metricTransformation"]);
    return [
      call(logs("PutMetricFilter"), {
        logGroupName: inputs["logGroupName"],
        filterName: inputs["name"] ?? name,
        filterPattern: inputs["pattern"],
        metricTransformations: [{ metricNamespace: to["namespace"], metricName: to["name"], metricValue: to["value"] }],
      }),
    ];
  },
  "aws:cloudwatch/logGroup:LogGroup": (inputs) => [
    call(logs("CreateLogGroup"), inputs, { name: "logGroupName", retentionInDays: undefined }),
    ...(inputs["retentionInDays"] === undefined
      ? []
      : [
          call(logs("PutRetentionPolicy"), {
            logGroupName: inputs["name"],
            retentionInDays: inputs["retentionInDays"],
          }),
        ]),
  ],
  "aws:cloudwatch/logDeliverySource:LogDeliverySource": (inputs) => [call(logs("PutDeliverySource"), inputs)],
  "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": (inputs, { outputs }) => [
    call(logs("PutDeliveryDestination"), inputs, {}, { [String(outputs["arn"])]: "deliveryDestination.arn" }),
  ],
  "aws:cloudwatch/logDelivery:LogDelivery": (inputs) => [
    call(
      logs("CreateDelivery"),
      { ...inputs, s3DeliveryConfigurations: listOf(inputs["s3DeliveryConfigurations"])[0] },
      { s3DeliveryConfigurations: "s3DeliveryConfiguration" },
    ),
  ],
  "aws:cloudwatch/dashboard:Dashboard": (inputs) => [call(cloudWatch("PutDashboard"), inputs)],
  "aws:cloudwatch/metricAlarm:MetricAlarm": (inputs) => [
    call(
      cloudWatch("PutMetricAlarm"),
      {
        ...inputs,
        ...tagsOf(inputs),
        ...(inputs["dimensions"] === undefined ? {} : { dimensions: dimensionsOf(inputs["dimensions"]) }),
        ...(inputs["metricQueries"] === undefined
          ? {}
          : {
              metricQueries: recordsOf(inputs["metricQueries"]).map(({ metric, ...query }) => {
                if (metric === undefined) return query;
                const { dimensions, metricName, namespace, ...stat } = recordOf(metric);
                return {
                  ...query,
                  metricStat: { ...stat, metric: { metricName, namespace, dimensions: dimensionsOf(dimensions) } },
                };
              }),
            }),
      },
      {
        name: "alarmName",
        metricQueries: "metrics",
        evaluateLowSampleCountPercentiles: "evaluateLowSampleCountPercentile",
      },
    ),
  ],
  "aws:budgets/budget:Budget": (inputs) => {
    const { name, limitAmount, limitUnit, costFilters, notifications, tags: _, ...rest } = inputs;
    return [
      call(["budgets", "CreateBudget"], {
        accountId: "123456789012",
        budget: {
          ...rest,
          budgetName: name,
          budgetLimit: { amount: limitAmount, unit: limitUnit },
          costFilters: Object.fromEntries(
            recordsOf(costFilters).map(({ name: filter, values }) => [textOf(filter), values]),
          ),
        },
        notificationsWithSubscribers: recordsOf(notifications).map((notification) => {
          const { subscriberEmailAddresses, subscriberSnsTopicArns, ...what } = notification;
          return {
            notification: what,
            subscribers: [
              ...listOf(subscriberEmailAddresses).map((address) => ({ subscriptionType: "EMAIL", address })),
              ...listOf(subscriberSnsTopicArns).map((address) => ({ subscriptionType: "SNS", address })),
            ],
          };
        }),
      }),
    ];
  },
  "aws:codedeploy/application:Application": (inputs) => [
    call(codeDeploy("CreateApplication"), inputs, { name: "applicationName" }),
  ],
  "aws:codedeploy/deploymentGroup:DeploymentGroup": (inputs) => {
    const alarms = recordOf(inputs["alarmConfiguration"]);
    return [
      call(
        codeDeploy("CreateDeploymentGroup"),
        {
          ...inputs,
          alarmConfiguration: { ...alarms, alarms: listOf(alarms["alarms"]).map((name) => ({ name })) },
        },
        { appName: "applicationName" },
      ),
    ];
  },
};

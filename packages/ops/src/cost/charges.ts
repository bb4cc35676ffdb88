import * as v from "valibot";
import { type Line, type Resource, line } from "./line.ts";
import { HOURS_A_MONTH, type PriceName } from "./prices.ts";
import { type LoadProfile, picturesFromApi } from "./profile.ts";
import { LOG_BYTES, type Traffic } from "./traffic.ts";

/** The inputs of a charge in addition to its own resource. */
export interface Context {
  readonly profile: LoadProfile;
  readonly traffic: Traffic;
  readonly resources: readonly Resource[];
}
type Charge = (resource: Resource, context: Context) => Line[];

const GIB = 1024 ** 3;
const always =
  (driver: string, price: PriceName, quantity = 1): Charge =>
  (resource) => [line(resource, driver, price, quantity)];
const hourly = (driver: string, price: PriceName) => always(driver, price, HOURS_A_MONTH);

/** Parses the inputs of a resource. @throws Error with the resource whose inputs AWS would reject */
function read<S extends v.GenericSchema>(resource: Resource, schema: S): v.InferOutput<S> {
  const result = v.safeParse(schema, resource.inputs);
  if (result.success) return result.output;
  throw new Error(`${resource.type} ${resource.name}: ${v.summarize(result.issues)}`);
}

/** Looks up a value. @throws Error if the table does not contain the key */
function choose<T>(table: Readonly<Record<string, T>>, key: string, resource: Resource): T {
  const found = Object.hasOwn(table, key) ? table[key] : undefined;
  if (found !== undefined) return found;
  throw new Error(`${key} of ${resource.name} has no price: add it to packages/ops/src/cost`);
}

const without = (name: string, ending: string) => name.replace(new RegExp(`${ending}$`), "");

/**
 * Returns the number of requests a month that Lambda traces by itself: one a second, and 5 % of the rest (Lambda
 * Developer Guide, "AWS X-Ray").
 */
function recordedByLambda(invocations: number): number {
  const seconds = HOURS_A_MONTH * 3600;
  const first = seconds * (1 - Math.exp(-invocations / seconds));
  return first + 0.05 * (invocations - first);
}

const ofFunction: Charge = (resource, { profile, traffic }) => {
  const { memorySize, tracingConfig } = read(
    resource,
    v.object({ memorySize: v.number(), tracingConfig: v.optional(v.object({ mode: v.string() })) }),
  );
  const name = without(resource.name, "Function");
  const { invocations, milliseconds } = choose(traffic.functions, name, resource);
  const cold = profile.coldStartShare * profile.coldStartMilliseconds;
  const gbSeconds = (invocations * (milliseconds + cold) * memorySize) / 1024 / 1000;
  if (name === "RouterEdge")
    return [
      line(resource, "requests signed at the edge", "edgeRequest", invocations),
      line(resource, "time to sign them", "edgeCompute", (invocations * milliseconds * memorySize) / 1024 / 1000),
      // Lambda@Edge creates its log groups itself, in each region where it runs.
      line(resource, "log of the edge", "logIngestion", (invocations * LOG_BYTES.edge) / GIB),
    ];
  return [
    line(resource, "invocations", "lambdaRequest", invocations),
    line(resource, "time of invocations", "lambdaCompute", gbSeconds),
    ...(tracingConfig?.mode === "Active"
      ? [line(resource, "one trace a second and 5 % of the rest", "trace", recordedByLambda(invocations))]
      : []),
  ];
};

const CACHE_NODES: Readonly<Record<string, PriceName>> = {
  "cache.t4g.micro": "cacheT4gMicro",
  "cache.t4g.small": "cacheT4gSmall",
  "cache.t4g.medium": "cacheT4gMedium",
};

const Scaling = v.object({ serverlessv2ScalingConfiguration: v.object({ minCapacity: v.number() }) });

/** Charges a database instance. A reader that is a failover target is as large as the writer. */
const ofDatabaseInstance: Charge = (resource, { profile, resources }) => {
  const cluster = resources.find(({ type }) => type === "aws:rds/cluster:Cluster");
  if (!cluster) throw new Error(`${resource.name} has no cluster`);
  const { minCapacity } = read(cluster, Scaling).serverlessv2ScalingConfiguration;
  const hours = minCapacity > 0 ? HOURS_A_MONTH : profile.databaseAwakeHours;
  return [line(resource, "capacity while running", "acuHour", hours * Math.max(minCapacity, profile.databaseAcu))];
};

const ofCluster: Charge = (resource, { profile }) => {
  const { backupRetentionPeriod } = read(resource, v.object({ backupRetentionPeriod: v.number() }));
  return [
    line(resource, "rows", "auroraStorage", profile.databaseGb),
    line(
      resource,
      "pages read and written",
      "auroraIo",
      0.5 * (profile.requests + picturesFromApi(profile)) + 8 * profile.acts,
    ),
    // Backups up to the size of the data are free; beyond it, the changes during the retention period are charged:
    // about 2 % of the data a day.
    line(resource, "backups", "auroraBackup", profile.databaseGb * 0.02 * backupRetentionPeriod),
  ];
};

const BackupRules = v.object({
  rules: v.array(v.object({ copyActions: v.array(v.object({ lifecycle: v.object({ deleteAfter: v.number() }) })) })),
});

/** Charges a full copy of each night; the local snapshot is within the free retention of the database's own backups. */
const ofBackupPlan: Charge = (resource, { profile }) => {
  const days = read(resource, BackupRules)
    .rules.flatMap(({ copyActions }) => copyActions)
    .reduce((sum, { lifecycle }) => sum + lifecycle.deleteAfter, 0);
  return [
    line(resource, "copies kept", "auroraBackup", days * profile.databaseGb),
    line(resource, "copied", "auroraCopy", (HOURS_A_MONTH / 24) * profile.databaseGb),
  ];
};

const ofEvidence: Charge = (resource, { profile }) => {
  const { photos, photoMb, monthsOfPhotos, viewsPerPhoto, thumbnailViewsPerPhoto } = profile;
  const gbAMonth = (photos * (photoMb + 0.03)) / 1024;
  const young = Math.min(3, monthsOfPhotos);
  return [
    line(resource, "photographs of 90 days", "s3Standard", gbAMonth * young),
    line(resource, "older photographs", "s3Infrequent", gbAMonth * (monthsOfPhotos - young)),
    line(resource, "photographs and thumbnails stored", "s3Put", photos * 3),
    line(resource, "looked at", "s3Get", photos * (viewsPerPhoto + thumbnailViewsPerPhoto + 1)),
    line(resource, "looked at", "dataOut", (photos * (viewsPerPhoto * photoMb + thumbnailViewsPerPhoto * 0.03)) / 1024),
  ];
};

/**
 * Charges the app's files. A build has 40 files, 0.5 MB together. There are four new builds a month, and the builds of
 * a year are kept for phones that still load them.
 */
const ofAppFiles: Charge = (resource, { profile }) => [
  line(resource, "builds of a year", "s3Standard", (48 * 0.5) / 1024),
  line(resource, "files of new builds", "s3Put", profile.users > 0 ? 4 * 40 : 0),
  line(resource, "pages, which no edge keeps", "s3Get", profile.appPages),
];

/**
 * Charges the log bucket for CloudFront's access log: about 600 bytes a request, kept as long as other logs; the
 * delivery to S3 is free.
 */
const ofBucket: Charge = (resource, context) => {
  if (resource.name.startsWith("Evidence")) return ofEvidence(resource, context);
  if (resource.name.startsWith("AppFiles")) return ofAppFiles(resource, context);
  const months = retentionMonths(context.resources.find(({ name }) => name === "ApiLogs"));
  const { requests, appFiles, pictureLoads } = context.profile;
  return [line(resource, "access log", "s3Standard", (((requests + appFiles + pictureLoads) * 600) / GIB) * months)];
};

const retentionMonths = (group: Resource | undefined) => Number(group?.inputs["retentionInDays"] ?? 30) / 30;

/** Charges a log group. CloudWatch charges storage for compressed logs, about a fifth of their size. */
const ofLogGroup: Charge = (resource, { traffic }) => {
  const gb = choose({ ClusterLogs: 0, ...traffic.logBytes }, resource.name, resource) / GIB;
  return [
    line(resource, "written", "logIngestion", gb),
    line(resource, "kept", "logStorage", 0.2 * gb * retentionMonths(resource)),
  ];
};

/** Number of polls a month of an enabled trigger: Lambda polls an empty queue with five pollers of 20 s each. */
const POLLS_A_MONTH = 5 * 3 * 60 * HOURS_A_MONTH;

const ofTrigger: Charge = (resource) => {
  const { enabled, eventSourceArn } = read(
    resource,
    v.object({ enabled: v.optional(v.boolean(), true), eventSourceArn: v.string() }),
  );
  const price = eventSourceArn.endsWith(".fifo") ? "sqsFifo" : "sqsStandard";
  return enabled ? [line(resource, "polling", price, POLLS_A_MONTH)] : [];
};

/**
 * Charges an alarm. An alarm over several metrics is charged for each of them. An alarm on a custom metric is also
 * charged for the metric, for the hours in which it has data.
 */
const ofAlarm: Charge = (resource, { profile }) => {
  const queries = resource.inputs["metricQueries"];
  const metrics = Array.isArray(queries)
    ? queries.filter((query) => JSON.stringify(query).includes('"metricName"')).length
    : 1;
  const isOwn = JSON.stringify(resource.inputs).includes('"namespace":"gotong-royong/');
  return [
    line(resource, "metrics watched", "alarmMetric", Math.max(1, metrics)),
    ...(isOwn
      ? [line(resource, "hours in which it is published", "customMetric", hoursOfTrouble(profile) / HOURS_A_MONTH)]
      : []),
  ];
};
/**
 * Returns the hours in which a failure metric has data, and is charged: we assume one day a month on a stage with
 * activity.
 */
const hoursOfTrouble = ({ requests }: LoadProfile) => (requests > 0 ? 24 : 0);

const ofInstance: Charge = (resource) => {
  const { instanceType } = read(resource, v.object({ instanceType: v.string() }));
  return [
    line(resource, "running", choose({ "t4g.nano": "t4gNano" } as const, instanceType, resource), HOURS_A_MONTH),
    line(resource, "its disk", "gp3", 8),
  ];
};

const Rules = v.object({ rules: v.optional(v.array(v.unknown()), []) });

/** Charges the edge function for the requests that it traces, a share of all (infra/cdn.ts). */
const ofCdnFunction: Charge = (resource, { profile, resources }) => {
  const share = Number(/TRACED_SHARE = ([\d.]+)/.exec(String(resource.inputs["code"]))?.[1] ?? 0);
  const isForApi = resources.some(({ name }) => name === "ApiFunction");
  const seen = profile.requests + profile.appPages + profile.pictureLoads;
  return [
    line(resource, "requests", "cdnFunction", seen),
    line(resource, "routes looked up", "cdnKeyRead", 2 * seen),
    ...(share > 0 && isForApi
      ? [line(resource, "requests marked at the edge", "trace", share * profile.requests)]
      : []),
  ];
};

const Pods = v.object({
  spec: v.object({
    replicas: v.optional(v.number(), 3),
    template: v.object({
      spec: v.object({
        containers: v.array(v.object({ resources: v.object({ requests: v.object({ cpu: v.string() }) }) })),
      }),
    }),
  }),
});

const ofDeployment: Charge = (resource) => {
  const { spec } = read(resource, Pods);
  const cpus = spec.template.spec.containers.map(({ resources: { requests } }) =>
    requests.cpu.endsWith("m") ? Number.parseInt(requests.cpu, 10) / 1000 : Number(requests.cpu),
  );
  const hours = spec.replicas * cpus.reduce((sum, cpu) => sum + cpu, 0) * HOURS_A_MONTH;
  return [line(resource, "pods", "podCpu", hours), line(resource, "pods", "autoMode", hours)];
};

/** The charges of each resource type. Every type must be here or in {@link FREE}; otherwise the bill throws. */
export const CHARGES: Readonly<Record<string, Charge>> = {
  "aws:cloudfront/distribution:Distribution": (resource, { profile }) => [
    line(resource, "requests", "cdnRequest", profile.requests),
    line(resource, "answers", "cdnData", (profile.requests * profile.answerKb) / 1024 / 1024),
    line(resource, "files of the app", "cdnRequest", profile.appFiles),
    line(resource, "files of the app", "cdnData", (profile.appFiles * profile.appFileKb) / 1024 / 1024),
    line(resource, "profile pictures", "cdnRequest", profile.pictureLoads),
    line(resource, "profile pictures", "cdnData", (profile.pictureLoads * profile.pictureKb) / 1024 / 1024),
  ],
  "aws:cloudfront/function:Function": ofCdnFunction,
  "aws:cloudwatch/dashboard:Dashboard": always("standing", "dashboard"),
  "aws:cloudwatch/logGroup:LogGroup": ofLogGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": ofAlarm,
  "aws:ec2/eip:Eip": hourly("standing", "publicIpv4"),
  "aws:ec2/instance:Instance": ofInstance,
  "aws:ec2/natGateway:NatGateway": (resource, { profile, resources }) => [
    line(resource, "standing", "natGateway", HOURS_A_MONTH),
    // Data through the NAT gateway: messages of an act, requests to Markov, and outcomes that workers send; 2 KB for
    // each request.
    line(
      resource,
      "calls that leave the network",
      "natGatewayData",
      (profile.requests * 2) / 1024 / 1024 / resources.filter(({ type }) => type === resource.type).length,
    ),
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": (resource) => {
    const { vpcEndpointType } = read(resource, v.object({ vpcEndpointType: v.optional(v.string(), "Gateway") }));
    return choose({ Gateway: [] }, vpcEndpointType, resource);
  },
  "aws:eks/cluster:Cluster": hourly("standing", "eksCluster"),
  "aws:elasticache/replicationGroup:ReplicationGroup": (resource) => {
    const { nodeType, numCacheClusters } = read(
      resource,
      v.object({ nodeType: v.string(), numCacheClusters: v.number() }),
    );
    return [line(resource, "nodes", choose(CACHE_NODES, nodeType, resource), numCacheClusters * HOURS_A_MONTH)];
  },
  "aws:elasticache/serverlessCache:ServerlessCache": (resource, { profile }) => [
    // billed for at least 100 MB
    line(resource, "kept", "cacheServerlessStorage", Math.max(0.1, profile.cacheGb) * HOURS_A_MONTH),
    line(resource, "commands", "cacheServerlessWork", 8 * profile.requests),
  ],
  "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": (resource, { profile: { photos, photoMb } }) => [
    line(resource, "photographs scanned", "malwareScannedGb", (photos * photoMb) / 1024),
    line(resource, "photographs scanned", "malwareScannedObject", photos),
  ],
  "aws:kms/key:Key": always("standing", "kmsKey"),
  "aws:lambda/eventSourceMapping:EventSourceMapping": ofTrigger,
  "aws:lambda/function:Function": ofFunction,
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": (resource, { resources }) => {
    const { provisionedConcurrentExecutions } = read(
      resource,
      v.object({ provisionedConcurrentExecutions: v.number() }),
    );
    const api = resources.find(({ name }) => name === "ApiFunction");
    const gb = Number(api?.inputs["memorySize"] ?? 1024) / 1024;
    return [
      line(resource, "kept warm", "lambdaProvisioned", provisionedConcurrentExecutions * gb * HOURS_A_MONTH * 3600),
    ];
  },
  "aws:backup/plan:Plan": ofBackupPlan,
  "aws:rds/cluster:Cluster": ofCluster,
  "aws:rds/clusterInstance:ClusterInstance": ofDatabaseInstance,
  "aws:s3/bucket:Bucket": ofBucket,
  "aws:scheduler/schedule:Schedule": (resource) => {
    const { scheduleExpression } = read(resource, v.object({ scheduleExpression: v.string() }));
    const minutes = choose({ "rate(5 minutes)": 5 }, scheduleExpression, resource);
    return [line(resource, "runs", "scheduler", (HOURS_A_MONTH * 60) / minutes)];
  },
  "aws:secretsmanager/secret:Secret": always("standing", "secret"),
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": always("standing", "cloudMapNamespace"),
  "aws:sqs/queue:Queue": (resource, { traffic, profile }) => {
    const name = without(resource.name, "QueueQueue");
    const price = resource.inputs["fifoQueue"] === true ? "sqsFifo" : "sqsStandard";
    return [
      line(resource, "messages", price, choose(traffic.queues, name, resource)),
      ...(name === "Mail" ? [line(resource, "mails", "mail", profile.mails)] : []),
    ];
  },
  "aws:wafv2/webAcl:WebAcl": (resource, { profile }) => [
    line(resource, "standing", "wafAcl", 1),
    line(resource, "rules", "wafRule", read(resource, Rules).rules.length),
    line(resource, "requests", "wafRequest", profile.requests + profile.appFiles + profile.pictureLoads),
  ],
  "kubernetes:apps/v1:Deployment": ofDeployment,
  "kubernetes:networking.k8s.io/v1:Ingress": hourly("its load balancer", "loadBalancer"),
};

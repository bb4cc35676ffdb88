import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";

/** Dollars a month in us-east-1 for being there, used or not (list of 2026, infrastructure.md §7). */
const STANDING: readonly (readonly [type: RegExp, dollars: (resource: Resource) => number])[] = [
  [/^aws:secretsmanager\/secret:/, () => 0.4],
  [/^aws:servicediscovery\/privateDnsNamespace:/, () => 0.5],
  // An alarm over several metrics is paid for each of them.
  [/^aws:cloudwatch\/metricAlarm:/, ({ inputs }) => 0.1 * Math.max(1, metricsOf(inputs["metricQueries"]))],
  [/^aws:elasticache\/serverlessCache:/, () => 0.1 * 0.084 * 730], // at least 100 MB
];
/** Cost nothing while nobody uses them; a database that sleeps is one of them, its storage aside. */
const FREE =
  /^(sst|pulumi|pulumi-nodejs|random|tls):|^aws:(budgets|cloudfront|iam|lambda|sns|sqs|s3|vpc)\/|^aws:cloudwatch\/log|^aws:ec2\/(defaultSecurityGroup|egressOnlyInternetGateway|flowLog|internetGateway|routeTable|routeTableAssociation|securityGroup|subnet|vpc|vpcEndpoint):|^aws:rds\/(cluster|clusterInstance|clusterParameterGroup|parameterGroup|subnetGroup):|^aws:secretsmanager\/secretVersion:|^aws:elasticache\/(user|userGroup):/;

const metricsOf = (queries: unknown) =>
  Array.isArray(queries) ? queries.filter((query) => JSON.stringify(query).includes('"metricName"')).length : 1;

interface Charge {
  readonly what: string;
  readonly dollars: number;
}

/**
 * What a stage costs a month although nobody uses it, a line for each resource that does.
 * @throws Error for a type of which nobody has said what it costs
 */
export function standingCharges({ resources }: Evaluation): Charge[] {
  return resources.flatMap((resource) => {
    const price = STANDING.find(([type]) => type.test(resource.type))?.[1];
    if (price) return [{ what: `${resource.type} ${resource.name}`, dollars: price(resource) }];
    if (FREE.test(resource.type)) return [];
    throw new Error(`nobody has said what ${resource.type} costs`);
  });
}

/** Lambda asks an empty queue five times at once, each for 20 s, for as long as the trigger is on. */
const POLLS_A_MONTH = 5 * 3 * 60 * 730;
const DOLLARS_A_MILLION = { fifo: 0.5, standard: 0.4 };

/** What Lambda's polling of empty queues costs a month; the first million requests of an account are free. */
export function pollingDollars({ resources }: Evaluation): number {
  const triggers = resources.filter(
    ({ type, inputs }) => type === "aws:lambda/eventSourceMapping:EventSourceMapping" && inputs["enabled"] !== false,
  );
  return triggers.reduce((sum, { inputs }) => {
    const kind = String(inputs["eventSourceArn"]).endsWith(".fifo") ? "fifo" : "standard";
    return sum + (POLLS_A_MONTH / 1e6) * DOLLARS_A_MILLION[kind];
  }, 0);
}

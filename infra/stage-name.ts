/** Sizes in which production can be built (`GOTONG_SIZE`). */
export const SIZES = ["small", "medium", "large"] as const;
export type Size = (typeof SIZES)[number];

/** The kind of stage that a name implies. */
export interface StageName {
  readonly kind: "production" | "staging" | "dev" | "tenant" | "preview" | "personal";
}

/** Settings that change a stage without a change of the table of stages; {@link readSettings} lists their variables. */
export interface Settings {
  readonly egress?: "nat-gateways" | "nat-instance" | "ipv6";
  readonly cache?: "none" | "serverless" | "nodes";
  readonly eks?: boolean;
  /** The image of the worker pods: an ECR reference with a tag or a digest. */
  readonly workersImage?: string;
  /** The image of the API pods; if absent, the API runs on Lambda only. */
  readonly apiImage?: string;
  /** The host name of the API pods. */
  readonly podsDomain?: string;
  /** The certificate of that host, in the region of the stage. */
  readonly podsCertificateArn?: string;
  /** True if KEDA is installed in the cluster and may scale the workers. */
  readonly keda?: boolean;
  /** Number of provisioned environments, 0–100. */
  readonly provisionedConcurrency?: number;
  readonly domain?: string;
  /** The size of production; `large` if absent. */
  readonly size?: Size;
  /** Number of database instances in addition to the writer, 0–2. */
  readonly readers?: number;
  readonly monthlyBudgetUsd?: number;
  /** The name of the stage whose protection is disabled, so that it can be removed. */
  readonly unprotect?: string;
  /** The malware scanner of evidence: GuardDuty's Malware Protection, or ClamAV next to the pods. */
  readonly malwareScanner?: "guardduty" | "clamd";
  /** Percentage of requests that are traced, 0–100. */
  readonly tracedPercent?: number;
  /** Reserved concurrency of the API; 0 reserves nothing. */
  readonly reservedConcurrency?: number;
  /** The action of AWS's managed firewall rules on a match. */
  readonly managedRules?: "count" | "block";
  /** Number of requests of one address in five minutes after which the firewall acts. */
  readonly firewallRequests?: number;
}

const DNS_LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const LABEL_MAX_LENGTH = 20;
/**
 * Rejected stage names, each with the name that was probably meant. Without this list, each would silently become a
 * personal stage.
 */
const MISTAKES: Readonly<Record<string, string>> = {
  prod: "production",
  prd: "production",
  main: "staging or production",
  stage: "staging",
  stg: "staging",
  test: "dev, or your own name",
  development: "dev",
  local: "npm run dev, which needs no stage",
  tenant: "tenant-<name>",
  pr: "pr-<number>",
};

/**
 * Returns the kind of a stage by its name: `production`, `staging`, `dev`, `tenant-<name>`, `pr-<number>`; any other
 * name is a personal stage.
 * @throws Error with the right name
 */
export function parseStageName(name: string): StageName {
  if (name === "production" || name === "staging" || name === "dev") return { kind: name };
  const meant = Object.hasOwn(MISTAKES, name) ? MISTAKES[name] : undefined;
  if (meant !== undefined) throw new Error(`The stage name "${name}" is ambiguous: did you mean ${meant}?`);
  if (name.startsWith("tenant-")) {
    const label = name.slice("tenant-".length);
    if (!isLabel(label))
      throw new Error(
        `The stage name "${name}" is wrong: after "tenant-" comes a DNS label of at most ${LABEL_MAX_LENGTH} characters (a-z, 0-9, and - inside), such as tenant-bandung.`,
      );
    return { kind: "tenant" };
  }
  if (name.startsWith("pr-")) {
    if (!/^pr-[1-9]\d{0,5}$/.test(name))
      throw new Error(
        `The stage name "${name}" is wrong: after "pr-" comes the number of a pull request, such as pr-12.`,
      );
    return { kind: "preview" };
  }
  if (!/^[a-z]/.test(name) || !isLabel(name))
    throw new Error(
      `The stage name "${name}" is wrong: a personal stage is named by a DNS label of at most ${LABEL_MAX_LENGTH} characters that starts with a letter, such as wulan.`,
    );
  return { kind: "personal" };
}

const isLabel = (text: string) => text.length <= LABEL_MAX_LENGTH && DNS_LABEL.test(text);

const ECR_IMAGE =
  /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\/[a-z0-9][a-z0-9._/-]*(:(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|@sha256:[0-9a-f]{64})$/;
const CERTIFICATE_ARN = /^arn:aws:acm:[a-z0-9-]+:\d{12}:certificate\/[a-z0-9-]+$/;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads {@link Settings} from `GOTONG_SIZE`, `GOTONG_READERS`, `GOTONG_EGRESS`, `GOTONG_CACHE`, `GOTONG_PROVISIONED_CONCURRENCY`, `GOTONG_RESERVED_CONCURRENCY`,
 * `GOTONG_FIREWALL_MANAGED_RULES`, `GOTONG_FIREWALL_REQUESTS`, `GOTONG_DOMAIN`,
 * `GOTONG_BUDGET_USD`, `GOTONG_TRACED_PERCENT`, and for pods `GOTONG_EKS`, `GOTONG_EKS_WORKERS_IMAGE`, `GOTONG_EKS_API_IMAGE`, `GOTONG_EKS_DOMAIN`,
 * `GOTONG_EKS_CERTIFICATE_ARN` and `GOTONG_EKS_KEDA`.
 * @throws Error with the variable and its allowed values
 */
export function readSettings(variables: Variables): Settings {
  const read = <T>(name: string, parse: (value: string) => T | undefined, rule: string): T | undefined => {
    const value = variables[name];
    if (value === undefined || value === "") return undefined;
    const parsed = parse(value);
    if (parsed === undefined) throw new Error(`${name} must be ${rule}`);
    return parsed;
  };
  const oneOf =
    <T extends string>(...allowed: T[]) =>
    (value: string) =>
      allowed.find((each) => each === value);
  const whole = (least: number, most: number) => (value: string) =>
    /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined;
  const flag = (name: string) => {
    const value = read(name, oneOf("true", "false"), "true or false");
    return value === undefined ? undefined : value === "true";
  };
  const matching = (pattern: RegExp) => (value: string) => (pattern.test(value) ? value : undefined);
  const image = "an image in ECR with a tag other than latest, or with a digest";
  const host = (value: string) => (isHostName(value) ? value : undefined);
  return defined({
    egress: read("GOTONG_EGRESS", oneOf("nat-gateways", "nat-instance", "ipv6"), "nat-gateways, nat-instance or ipv6"),
    cache: read("GOTONG_CACHE", oneOf("none", "serverless", "nodes"), "none, serverless or nodes"),
    eks: flag("GOTONG_EKS"),
    workersImage: read("GOTONG_EKS_WORKERS_IMAGE", matching(ECR_IMAGE), image),
    apiImage: read("GOTONG_EKS_API_IMAGE", matching(ECR_IMAGE), image),
    podsDomain: read("GOTONG_EKS_DOMAIN", host, "a host name such as pods.example.org"),
    podsCertificateArn: read(
      "GOTONG_EKS_CERTIFICATE_ARN",
      matching(CERTIFICATE_ARN),
      "the ARN of a certificate in ACM such as arn:aws:acm:ap-southeast-3:123456789012:certificate/0a1b",
    ),
    keda: flag("GOTONG_EKS_KEDA"),
    malwareScanner: read("GOTONG_MALWARE_SCANNER", oneOf("guardduty", "clamd"), "guardduty or clamd"),
    size: read("GOTONG_SIZE", oneOf(...SIZES), "small, medium or large"),
    readers: read("GOTONG_READERS", whole(0, 2), "a whole number from 0 to 2"),
    provisionedConcurrency: read("GOTONG_PROVISIONED_CONCURRENCY", whole(0, 100), "a whole number from 0 to 100"),
    unprotect: read("GOTONG_UNPROTECT", (value) => value, "the name of the stage"),
    monthlyBudgetUsd: read("GOTONG_BUDGET_USD", whole(1, 100_000), "a whole number of dollars from 1 to 100000"),
    tracedPercent: read("GOTONG_TRACED_PERCENT", whole(0, 100), "a whole number from 0 to 100"),
    reservedConcurrency: read("GOTONG_RESERVED_CONCURRENCY", whole(0, 1000), "a whole number from 0 to 1000"),
    managedRules: read("GOTONG_FIREWALL_MANAGED_RULES", oneOf("count", "block"), "count or block"),
    firewallRequests: read(
      "GOTONG_FIREWALL_REQUESTS",
      whole(100, 2_000_000),
      "a whole number of requests in five minutes from 100 to 2000000",
    ),
    domain: read("GOTONG_DOMAIN", host, "a host name such as api.example.org"),
  });
}

const isHostName = (value: string) => {
  const labels = value.split(".");
  return (
    value.length <= 253 && labels.length >= 2 && labels.every((label) => label.length <= 63 && DNS_LABEL.test(label))
  );
};

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(settings: T): Defined<T>;
function defined(settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

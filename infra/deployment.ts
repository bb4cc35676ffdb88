import { resolve } from "node:path";
import type { Stage } from "./stage-shape.ts";
import { REGION, misspelt } from "./variables.ts";

/** Settings of a deployment from environment variables, in addition to those of its stage. */
export interface Deployment {
  /** Base URL of Markov's API. */
  readonly markovUrl: string;
  /** The version that `/health` and the release record report. */
  readonly version: string;
  /** The e-mail address that receives alarms and budget warnings. */
  readonly alarmEmail?: string;
  /** CIDR blocks from which SSH to the bastion is allowed; an empty list closes the port. */
  readonly bastionCidrs: readonly string[];
  /**
   * CIDR blocks of the private network from which EKS objects are deployed; with an empty list only the cluster's own
   * nodes reach its API.
   */
  readonly clusterCidrs: readonly string[];
  /** Origins of other browser apps that may call the API and upload evidence, in addition to the app's own origin. */
  readonly uploadOrigins: readonly string[];
  /** The directory of an app that was built elsewhere; if absent, the deployment builds packages/web. */
  readonly appDirectory?: string;
  /**
   * The sender of mail: an address or domain that is verified with SES in the region of the stage. If absent, no mail
   * is sent.
   */
  readonly mailFrom?: string;
  /**
   * URLs of the client's pages to which links in mails lead, by the names of their settings. A setting that is absent
   * has no page.
   */
  readonly pages: Readonly<Record<string, string>>;
  /** Whether registration is open or requires an invitation; open if absent. */
  readonly registration?: "open" | "invitation";
  /** Whether people without an account see open tasks; false if absent. */
  readonly openTasks?: "true" | "false";
  /** UTC offsets of the community, such as `+07:00,+08:00`. */
  readonly utcOffsets?: string;
  /**
   * The activation time (RFC 3339) of a webhook secret's rotation: from then on the new secret signs
   * `X-GR-Signature`.
   */
  readonly webhookSecretActiveFrom?: string;
  /** True while `gotong release` runs: the alias of the API keeps its version until CodeDeploy moves it. */
  readonly isRelease: boolean;
  /** The URL of the folder docs/runbooks of the repository, for links to runbooks. */
  readonly runbooksUrl: string;
  /** Whether the deployment first compares its requirements with the account's quotas. */
  readonly checksQuotas: boolean;
  /** The GitHub repository whose workflows deploy the stage, as `owner/name`; if absent, no role is created for them. */
  readonly deployer?: string;
  /** The snapshot from which the database is created, when a removed stage is restored. */
  readonly databaseSnapshot?: string;
  /** The region to which a snapshot of the database is copied each night. */
  readonly backupRegion?: string;
}

/** Returns one sentence for each requirement of the stage that this deployment does not meet. */
export function problemsOfDeployment(
  stage: Pick<Stage, "isProtected" | "alarms" | "kind">,
  deployment: Deployment,
): string[] {
  const isSilent = stage.isProtected && stage.alarms !== "none" && deployment.alarmEmail === undefined;
  const isOddDeployer =
    deployment.deployer !== undefined && !["production", "staging", "dev", "preview"].includes(stage.kind);
  const hasNothingToCopy = deployment.backupRegion !== undefined && !stage.isProtected;
  return [
    ...(hasNothingToCopy ? ["GOTONG_BACKUP_REGION is for production and tenants, whose data is kept"] : []),
    ...(isSilent
      ? ["GOTONG_ALARM_EMAIL is missing: the alarms of a stage that serves people would have no recipient"]
      : []),
    ...(isOddDeployer
      ? ["GOTONG_DEPLOYER is for production, staging, previews, and dev, whose role deploys previews"]
      : []),
  ];
}

const CIDR = /^(\d{1,3}\.){3}\d{1,3}\/(\d|[12]\d|3[0-2])$/;
const UTC_OFFSETS = /^[+-](0\d|1[0-4]):[0-5]\d(,[+-](0\d|1[0-4]):[0-5]\d)*$/;
const SNAPSHOT = /^(arn:aws:rds:[a-z0-9-]+:\d{12}:cluster-snapshot:)?(rds:)?[A-Za-z][A-Za-z0-9-]{0,254}$/;
const REPOSITORY = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/;
const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
/** Pattern of an RFC 3339 timestamp, which the senders use unchanged. */
const MOMENT = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
/** Checks that a date exists: `Date.parse` of some runtimes reads 30 February as 2 March. */
const isDate = (text: string) => {
  const noon = new Date(`${text}T12:00:00Z`);
  return !Number.isNaN(noon.getTime()) && noon.toISOString().startsWith(text);
};

/**
 * Reads `MARKOV_API_URL` (required), `GOTONG_VERSION`, `GOTONG_ALARM_EMAIL`, `GOTONG_BASTION_CIDRS`, `GOTONG_EKS_CIDRS`,
 * `GOTONG_UPLOAD_ORIGINS`, `GOTONG_MAIL_FROM`, `GOTONG_PASSWORD_RESET_URL`, `GOTONG_EMAIL_PROOF_URL`, `GOTONG_EMAIL_CHANGE_URL`,
 * `GOTONG_INVITATION_URL`, `GOTONG_REGISTRATION`, `GOTONG_OPEN_TASKS`, `GOTONG_COMMUNITY_UTC_OFFSETS`, `GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM`,
 * `GOTONG_RELEASE`, `GOTONG_RUNBOOKS_URL`, `GOTONG_APP_DIR`, `GOTONG_BACKUP_REGION`, `GOTONG_DEPLOYER`, `GOTONG_QUOTA_CHECK` and `GOTONG_DATABASE_SNAPSHOT`.
 * @throws Error with a line for each variable that is missing or wrong
 */
export function readDeployment(variables: Readonly<Record<string, string | undefined>>): Deployment {
  const problems: string[] = misspelt(variables);
  const list = (name: string) =>
    (variables[name] ?? "")
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean);
  const check = (isRight: boolean, problem: string) => void (isRight || problems.push(problem));
  const markovUrl = variables["MARKOV_API_URL"] ?? "";
  check(URL.canParse(markovUrl) && new URL(markovUrl).protocol === "https:", "MARKOV_API_URL must be an https:// URL");
  const alarmEmail = variables["GOTONG_ALARM_EMAIL"] || undefined;
  check(alarmEmail === undefined || EMAIL.test(alarmEmail), "GOTONG_ALARM_EMAIL must be an e-mail address");
  const [bastionCidrs = [], clusterCidrs = []] = ["GOTONG_BASTION_CIDRS", "GOTONG_EKS_CIDRS"].map((name) => {
    const cidrs = list(name);
    check(
      cidrs.every((cidr) => CIDR.test(cidr) && !cidr.endsWith("/0")),
      `${name} must be CIDR blocks such as 203.0.113.7/32, and not the whole internet`,
    );
    return cidrs;
  });
  const uploadOrigins = list("GOTONG_UPLOAD_ORIGINS");
  check(
    uploadOrigins.every(
      (origin) => URL.canParse(origin) && new URL(origin).origin === origin && origin.startsWith("https://"),
    ),
    "GOTONG_UPLOAD_ORIGINS must be origins such as https://app.example.org",
  );
  const mailFrom = variables["GOTONG_MAIL_FROM"] || undefined;
  check(mailFrom === undefined || EMAIL.test(mailFrom), "GOTONG_MAIL_FROM must be an e-mail address");
  const pages: Record<string, string> = {};
  for (const name of ["PASSWORD_RESET_URL", "EMAIL_PROOF_URL", "EMAIL_CHANGE_URL", "INVITATION_URL"]) {
    const url = variables[`GOTONG_${name}`] || undefined;
    if (url === undefined) continue;
    check(URL.canParse(url) && url.startsWith("https://"), `GOTONG_${name} must be an https:// URL`);
    pages[name] = url;
  }
  const registration = variables["GOTONG_REGISTRATION"] || undefined;
  const isRegistration = registration === "open" || registration === "invitation";
  check(registration === undefined || isRegistration, "GOTONG_REGISTRATION must be open or invitation");
  const openTasks = variables["GOTONG_OPEN_TASKS"] || undefined;
  const isOpenTasks = openTasks === "true" || openTasks === "false";
  check(openTasks === undefined || isOpenTasks, "GOTONG_OPEN_TASKS must be true or false");
  const utcOffsets = variables["GOTONG_COMMUNITY_UTC_OFFSETS"] || undefined;
  check(
    utcOffsets === undefined || UTC_OFFSETS.test(utcOffsets),
    "GOTONG_COMMUNITY_UTC_OFFSETS must be UTC offsets such as +07:00,+08:00",
  );
  const activeFrom = variables["GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM"] || undefined;
  check(
    activeFrom === undefined || isDate(MOMENT.exec(activeFrom)?.[1] ?? ""),
    "GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM must be an RFC 3339 timestamp, such as 2027-01-31T12:00:00Z",
  );
  const quotaCheck = variables["GOTONG_QUOTA_CHECK"] || "on";
  check(quotaCheck === "on" || quotaCheck === "off", "GOTONG_QUOTA_CHECK must be on or off");
  const databaseSnapshot = variables["GOTONG_DATABASE_SNAPSHOT"] || undefined;
  check(
    databaseSnapshot === undefined || SNAPSHOT.test(databaseSnapshot),
    "GOTONG_DATABASE_SNAPSHOT must be the name or the ARN of a snapshot of a database cluster",
  );
  const backupRegion = variables["GOTONG_BACKUP_REGION"] || undefined;
  check(
    backupRegion === undefined ||
      (REGION.test(backupRegion) && backupRegion !== (variables["AWS_REGION"] || variables["AWS_DEFAULT_REGION"])),
    "GOTONG_BACKUP_REGION must be another region of AWS than the stage's, such as ap-southeast-1",
  );
  const deployer = variables["GOTONG_DEPLOYER"] || undefined;
  check(
    deployer === undefined || REPOSITORY.test(deployer),
    "GOTONG_DEPLOYER must be a repository on GitHub such as owner/gotong-royong",
  );
  const release = variables["GOTONG_RELEASE"] || undefined;
  check(release === undefined || release === "canary", "GOTONG_RELEASE must be canary, which gotong release sets");
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return {
    markovUrl,
    version: variables["GOTONG_VERSION"] || "0.0.0-dev",
    ...(variables["GOTONG_APP_DIR"] ? { appDirectory: resolve(variables["GOTONG_APP_DIR"]) } : {}),
    ...(alarmEmail === undefined ? {} : { alarmEmail }),
    ...(mailFrom === undefined ? {} : { mailFrom }),
    pages,
    ...(isRegistration ? { registration } : {}),
    ...(isOpenTasks ? { openTasks } : {}),
    ...(utcOffsets === undefined ? {} : { utcOffsets }),
    ...(activeFrom === undefined ? {} : { webhookSecretActiveFrom: activeFrom }),
    isRelease: release === "canary",
    bastionCidrs,
    clusterCidrs,
    uploadOrigins,
    runbooksUrl: variables["GOTONG_RUNBOOKS_URL"] || "docs/runbooks",
    checksQuotas: quotaCheck === "on",
    ...(deployer === undefined ? {} : { deployer }),
    ...(databaseSnapshot === undefined ? {} : { databaseSnapshot }),
    ...(backupRegion === undefined ? {} : { backupRegion }),
  };
}

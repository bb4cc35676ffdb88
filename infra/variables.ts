/**
 * Every variable of a deployment that begins with GOTONG_ (docs/deploy.md). A test compares the list with the code
 * that reads them.
 */
export const VARIABLES = [
  "GOTONG_ALARM_EMAIL",
  "GOTONG_APP_DIR",
  "GOTONG_BACKUP_REGION",
  "GOTONG_BASTION_CIDRS",
  "GOTONG_BUDGET_USD",
  "GOTONG_CACHE",
  "GOTONG_COMMUNITY_UTC_OFFSETS",
  "GOTONG_DATABASE_SNAPSHOT",
  "GOTONG_DEPLOYER",
  "GOTONG_DOMAIN",
  "GOTONG_EGRESS",
  "GOTONG_EKS",
  "GOTONG_EKS_API_IMAGE",
  "GOTONG_EKS_CERTIFICATE_ARN",
  "GOTONG_EKS_CIDRS",
  "GOTONG_EKS_DOMAIN",
  "GOTONG_EKS_KEDA",
  "GOTONG_EKS_WORKERS_IMAGE",
  "GOTONG_EMAIL_CHANGE_URL",
  "GOTONG_EMAIL_PROOF_URL",
  "GOTONG_FIREWALL_MANAGED_RULES",
  "GOTONG_FIREWALL_REQUESTS",
  "GOTONG_INVITATION_URL",
  "GOTONG_MAIL_FROM",
  "GOTONG_MALWARE_SCANNER",
  "GOTONG_OPEN_TASKS",
  "GOTONG_PASSWORD_RESET_URL",
  "GOTONG_PROVISIONED_CONCURRENCY",
  "GOTONG_QUOTA_CHECK",
  "GOTONG_READERS",
  "GOTONG_REGISTRATION",
  "GOTONG_RELEASE",
  "GOTONG_RESERVED_CONCURRENCY",
  "GOTONG_RUNBOOKS_URL",
  "GOTONG_SIZE",
  "GOTONG_TRACED_PERCENT",
  "GOTONG_UNPROTECT",
  "GOTONG_UPLOAD_ORIGINS",
  "GOTONG_VERSION",
] as const;

/** Variables that a process of the platform has in its environment, if it runs on the same host as the deployment. */
const OF_PROCESSES = /^GOTONG_ROYONG_/;
export const REGION = /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/;
const OTHER_PARTITION = /^(cn|us-gov|us-iso\w*|eusc)-/;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Returns variables that no code reads, and a malformed region. Without this check they would be ignored, or fail
 * after the first resources were created.
 */
export function misspelt(variables: Variables): string[] {
  const unknown = Object.keys(variables)
    .filter((name) => name.startsWith("GOTONG_") && !OF_PROCESSES.test(name))
    .filter((name) => !VARIABLES.some((known) => known === name))
    .map((name) => `${name} is no setting${hintFor(name)}`);
  const region = variables["AWS_REGION"] || variables["AWS_DEFAULT_REGION"] || undefined;
  if (region !== undefined && !REGION.test(region))
    unknown.push(`AWS_REGION is "${region}", which is no region of AWS: such as ap-southeast-3 (Jakarta)`);
  else if (region !== undefined && OTHER_PARTITION.test(region))
    unknown.push(`AWS_REGION is "${region}", in a partition of AWS that has no CloudFront as it is used here`);
  return unknown;
}

/** Suggests the known name with the smallest edit distance. */
function hintFor(name: string): string {
  const [nearest] = VARIABLES.map((known) => ({ known, distance: distanceOf(name, known) })).toSorted(
    (a, b) => a.distance - b.distance,
  );
  return nearest !== undefined && nearest.distance <= 4 ? `: did you mean ${nearest.known}?` : ", see docs/deploy.md";
}

/** Returns the Levenshtein distance: the number of letters to add, remove or change. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}

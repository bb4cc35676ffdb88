import { type Stage, sessionsOf, sessionsOfDatabase } from "./stage-shape.ts";

/** Share of the database's sessions that functions may use; the rest is for migrations, operators and Aurora itself. */
const SESSIONS_SHARE = 0.8;

/** Returns a sentence for each rule that a combination of settings breaks; an empty list if the stage may be deployed. */
export function problemsOf(stage: Stage): string[] {
  const { kind, database, cache } = stage;
  const isAlwaysOn = kind === "production";
  const isLarge = stage.size === "large";
  const rules: [broken: boolean, problem: string][] = [
    [
      isLarge && cache.kind !== "nodes",
      `a large production keeps its cache on nodes in several zones: leave GOTONG_CACHE out`,
    ],
    [
      isAlwaysOn && (cache.kind === "none" || (cache.kind === "nodes" && cache.nodes < 2)),
      `production shares its limits through a cache in several zones: leave GOTONG_CACHE out`,
    ],
    [
      stage.isGuest && (cache.kind !== "none" || stage.egress !== "nat-instance"),
      `a preview lives in the network of dev: leave GOTONG_CACHE and GOTONG_EGRESS out`,
    ],
    [
      kind === "tenant" && cache.kind === "nodes",
      `a tenant has no cache node, it would cost more than everything else: use "none" or "serverless"`,
    ],
    [
      isLarge && stage.egress === "nat-instance",
      `one NAT instance does not survive the loss of its zone, which a large production does: use "nat-gateways" or "ipv6"`,
    ],
    [
      stage.hasBastion && stage.egress !== "nat-instance",
      `a stage with a bastion leaves over its NAT instance: leave GOTONG_EGRESS out`,
    ],
    [
      !isAlwaysOn && stage.egress === "nat-gateways",
      `NAT gateways cost $33 a month each and are for production: use "nat-instance" or "ipv6"`,
    ],
    [
      stage.api.provisionedConcurrency > 0 && !stage.api.hasCanary,
      `provisioned concurrency needs an alias, which only production has`,
    ],
    [stage.hasFewTriggers && stage.hasEks, `pods poll their queues, and need none of the sweep's help`],
    [
      stage.api.reservedConcurrency > 0 && stage.api.provisionedConcurrency > stage.api.reservedConcurrency,
      `provisioned concurrency is a part of the reserved one: GOTONG_RESERVED_CONCURRENCY is too low`,
    ],
    [
      sessionsOf(stage) > SESSIONS_SHARE * sessionsOfDatabase(database),
      `${sessionsOf(stage)} sessions could be open at once and the database takes ${sessionsOfDatabase(database)}: lower GOTONG_RESERVED_CONCURRENCY`,
    ],
    [
      stage.malwareScanner === "clamd" && !stage.hasEks,
      `ClamAV runs beside pods: set GOTONG_MALWARE_SCANNER=guardduty`,
    ],
    [
      stage.domain !== undefined && kind === "preview",
      `a preview would take the domain away from the stage that owns it`,
    ],
    [
      (database.minAcu === 0) !== (database.pauseAfterMinutes !== undefined),
      `a database pauses exactly where its smallest capacity is 0`,
    ],
    [database.minAcu > database.maxAcu, `the smallest capacity of the database is above its largest`],
    [database.backupDays < 1 || database.backupDays > 35, `backups are kept 1 to 35 days`],
    [isAlwaysOn && database.minAcu === 0, `production never pauses`],
    [isLarge && database.readers === 0, `a large production has a reader to fail over to`],
    [
      !isAlwaysOn && database.readers > 0,
      `a reader costs as much as the writer and is for production: leave GOTONG_READERS out`,
    ],
    [
      stage.isProtected !== (stage.removal === "retain"),
      `a protected stage retains its data, and only a protected one does`,
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

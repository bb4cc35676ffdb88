import { live } from "./api.ts";
import { router } from "./cdn.ts";
import { dashboard } from "./monitoring.ts";
import { CANARY_REQUESTS_PER_MINUTE } from "./canary-alarms.ts";
import { CANARY_MINUTES, canary, migrate, ops } from "./release.ts";
import { api } from "./api.ts";
import { deployerRole } from "./deployer.ts";
import { nameOf, region, stage } from "./stage.ts";
import { evidenceBucket } from "./storage.ts";

/** The outputs that `sst deploy` prints and `gotong release` reads from `.sst/outputs.json`. */
export const outputs = {
  url: router.url,
  region,
  apiFunction: nameOf("api", "function"),
  migrateFunction: migrate.name.apply(() => nameOf("migrate", "function")),
  opsFunction: ops.name.apply(() => nameOf("ops", "function")),
  bucket: evidenceBucket.name,
  ...(deployerRole ? { deployerRole: deployerRole.arn } : {}),
  ...(stage.hasEks ? { cluster: nameOf("pods", "eksCluster") } : {}),
  ...(live && canary
    ? {
        apiAlias: live.name,
        targetVersion: api.nodes.function.version,
        // The API has no provisioned concurrency while a release shifts traffic; `gotong release` sets this number
        // after the shift.
        provisionedConcurrency: stage.api.provisionedConcurrency,
        // The duration of the canary, and the requests a minute that its alarms need: `gotong release` sends the
        // missing requests.
        canary: { minutes: CANARY_MINUTES, requestsPerMinute: CANARY_REQUESTS_PER_MINUTE },
        deployApplication: canary.appName,
        deployGroup: canary.deploymentGroupName,
      }
    : {}),
  ...(dashboard
    ? {
        dashboard: $interpolate`https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards:name=${dashboard.dashboardName}`,
      }
    : {}),
};

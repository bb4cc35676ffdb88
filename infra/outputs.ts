import { live } from "./api.ts";
import { router } from "./cdn.ts";
import { dashboard } from "./monitoring.ts";
import { canary, migrate, ops } from "./release.ts";
import { api } from "./api.ts";
import { nameOf, region, stage } from "./stage.ts";
import { evidenceBucket } from "./storage.ts";

/** What `sst deploy` prints and `gotong release` reads from `.sst/outputs.json`. */
export const outputs = {
  url: router.url,
  region,
  apiFunction: nameOf("api", "function"),
  migrateFunction: migrate.name.apply(() => nameOf("migrate", "function")),
  opsFunction: ops.name.apply(() => nameOf("ops", "function")),
  bucket: evidenceBucket.name,
  ...(stage.hasEks ? { cluster: nameOf("pods", "eksCluster") } : {}),
  ...(live && canary
    ? {
        apiAlias: live.name,
        targetVersion: api.nodes.function.version,
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

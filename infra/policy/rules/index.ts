import type { Rule } from "../rule.ts";
import { buckets } from "./buckets.ts";
import { cache } from "./cache.ts";
import { cdn } from "./cdn.ts";
import { containers } from "./containers.ts";
import { databaseInstances } from "./database-instances.ts";
import { database } from "./database.ts";
import { deployer } from "./deployer.ts";
import { eks } from "./eks.ts";
import { firewall } from "./firewall.ts";
import { functionAccess } from "./function-access.ts";
import { functions } from "./functions.ts";
import { keysAndTopics } from "./keys-and-topics.ts";
import { logsAndAlarms } from "./logs-and-alarms.ts";
import { machines } from "./machines.ts";
import { network } from "./network.ts";
import { pods } from "./pods.ts";
import { queues } from "./queues.ts";
import { resourcePolicies } from "./resource-policies.ts";
import { roles } from "./roles.ts";
import { schedulesAndReleases } from "./schedules-and-releases.ts";
import { secrets } from "./secrets.ts";
import { securityGroups } from "./security-groups.ts";
import { workloads } from "./workloads.ts";

/** Every rule, by concern. */
export const CONCERNS: Readonly<Record<string, readonly Rule[]>> = {
  Buckets: buckets,
  "Who may use a bucket, a queue, a topic, a key": resourcePolicies,
  Database: database,
  "Instances of the database": databaseInstances,
  Cache: cache,
  Functions: functions,
  "Who may call a function, and what does": functionAccess,
  Queues: queues,
  "Keys and topics": keysAndTopics,
  CloudFront: cdn,
  Firewall: firewall,
  Network: network,
  "Security groups": securityGroups,
  Machines: machines,
  Roles: roles,
  "The role of workflows": deployer,
  Secrets: secrets,
  "Logs, alarms, budgets": logsAndAlarms,
  "Schedules and releases": schedulesAndReleases,
  EKS: eks,
  Pods: pods,
  Containers: containers,
  "Objects of Kubernetes": workloads,
};

export const RULES: readonly Rule[] = Object.values(CONCERNS).flat();

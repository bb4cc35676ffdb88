import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Manifest, idOf } from "../../../infra/kubernetes/generate.ts";

/** Kinds with their types in the Kubernetes provider, which is generated from Kubernetes' own OpenAPI documents. */
const TYPES: Readonly<Record<string, string>> = {
  "v1 Namespace": "core.v1.Namespace",
  "v1 ConfigMap": "core.v1.ConfigMap",
  "v1 Secret": "core.v1.Secret",
  "v1 Service": "core.v1.Service",
  "v1 ServiceAccount": "core.v1.ServiceAccount",
  "apps/v1 Deployment": "apps.v1.Deployment",
  "autoscaling/v2 HorizontalPodAutoscaler": "autoscaling.v2.HorizontalPodAutoscaler",
  "networking.k8s.io/v1 Ingress": "networking.v1.Ingress",
  "networking.k8s.io/v1 IngressClass": "networking.v1.IngressClass",
  "networking.k8s.io/v1 NetworkPolicy": "networking.v1.NetworkPolicy",
  "policy/v1 PodDisruptionBudget": "policy.v1.PodDisruptionBudget",
};
/** Schemas of kinds that controllers add, from their documentation (EKS User Guide, KEDA 2 "ScaledObject"). */
const CUSTOM: Readonly<Record<string, string>> = {
  "eks.amazonaws.com/v1 IngressClassParams": `{
    scheme?: "internal" | "internet-facing"; certificateARNs?: string[]; ipAddressType?: "ipv4" | "dualstack";
  }`,
  "keda.sh/v1alpha1 TriggerAuthentication": `{ podIdentity: { provider: "aws" } }`,
  "keda.sh/v1alpha1 ScaledObject": `{
    scaleTargetRef: { apiVersion?: string; kind?: string; name: string };
    minReplicaCount?: number; maxReplicaCount?: number; pollingInterval?: number; cooldownPeriod?: number;
    advanced?: { horizontalPodAutoscalerConfig?: { name?: string } };
    triggers: (
      | { type: "cpu" | "memory"; metricType: "Utilization" | "AverageValue"; metadata: { value: string } }
      | { type: "aws-sqs-queue"; authenticationRef: { name: string };
          metadata: { queueURL: string; queueLength: string; awsRegion: string; activationQueueLength?: string } }
    )[];
  }`,
};

/**
 * Checks manifests against the schemas of Kubernetes by TypeScript's compiler, which rejects unknown and missing
 * fields of a literal and wrong types. It checks no patterns of strings and no rules between fields.
 * @param root of the repository, with SST's platform installed
 * @returns a line for each fault: the object, the place and the error
 */
export function schemaFaults(root: string, manifests: readonly Manifest[]): string[] {
  mkdirSync(join(root, ".local"), { recursive: true });
  const folder = mkdtempSync(join(root, ".local", "schema-"));
  try {
    const types = relative(folder, join(root, ".sst/platform/node_modules/@pulumi/kubernetes/types/input.js"));
    const faults: string[] = [];
    const lines = [
      `import type * as k from "./${types}";`,
      `interface Custom<S> { apiVersion: string; kind: string; metadata: k.meta.v1.ObjectMeta; spec: S }`,
    ];
    const names = new Map<number, string>();
    for (const [index, manifest] of manifests.entries()) {
      const type = typeOf(`${manifest.apiVersion} ${manifest.kind}`);
      if (type === undefined) {
        faults.push(`${idOf(manifest)}: there is no schema for this kind`);
        continue;
      }
      names.set(index, idOf(manifest));
      lines.push(`export const m${index}: ${type} = ${JSON.stringify(manifest)};`);
    }
    writeFileSync(join(folder, "manifests.ts"), `${lines.join("\n")}\n`);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "--singleThreaded", "--pretty", "false", "-p", folder],
      { encoding: "utf8", cwd: folder },
    );
    for (const line of `${stdout}${stderr}`.split("\n")) {
      const [, number, message = ""] = /^manifests\.ts\((\d+),\d+\): error \w+: (.*)$/.exec(line) ?? [];
      const index = /m(\d+):/.exec(lines[Number(number) - 1] ?? "")?.[1];
      if (number !== undefined) faults.push(`${names.get(Number(index)) ?? "the types"}: ${message}`);
      else if (line !== "" && !line.startsWith(" ")) faults.push(line);
    }
    return faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function typeOf(kind: string): string | undefined {
  const custom = CUSTOM[kind];
  if (custom !== undefined) return `Custom<${custom.replaceAll(/\s+/g, " ")}>`;
  return TYPES[kind] === undefined ? undefined : `k.${TYPES[kind]}`;
}

const CONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: "es2024",
    module: "esnext",
    moduleResolution: "bundler",
    types: [],
  },
  files: ["manifests.ts"],
};

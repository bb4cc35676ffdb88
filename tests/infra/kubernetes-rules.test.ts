import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { render } from "./kubernetes/kustomize.ts";
import { Manifest, manifestsOf } from "./kubernetes/manifest.ts";
import { specsOf } from "./kubernetes/pod.ts";
import { RULES } from "./kubernetes/rules.ts";

const OVERLAYS = ["staging", "production", "production-keda"] as const;
const folder = (overlay: string) => join(ROOT, "infra/kubernetes/overlays", overlay);
const production = render(folder("production"));

let workloads: [name: string, manifests: Manifest[]][];
beforeAll(async () => {
  const evaluated = (await evaluateAll()).map(({ variant, resources, ...rest }): [string, Manifest[]] => [
    variant.id,
    // Objects of the cluster itself are not checked.
    manifestsOf({ variant, resources, ...rest }).filter(({ metadata }) => metadata.namespace !== "kube-system"),
  ]);
  workloads = [
    ...OVERLAYS.map((overlay): [string, Manifest[]] => [`overlay ${overlay}`, render(folder(overlay))]),
    ...evaluated.filter(([, manifests]) => manifests.length > 0),
  ];
}, 600_000);

test("no object breaks a rule of kube-linter, on SST or in the manifests", () => {
  const found = workloads.flatMap(([name, manifests]) =>
    RULES.flatMap((rule) => rule.check(manifests).map((problem) => `${name}: ${rule.name}: ${problem}`)),
  );
  process.stdout.write(`${RULES.length} rules × ${workloads.length} workloads\n`);
  expect(workloads).toHaveLength(8);
  expect(found).toEqual([]);
});

/** For each rule, texts whose exchange in production's manifests makes them break it. */
const VIOLATIONS: Readonly<Record<string, readonly [from: string | RegExp, to: string]>> = {
  "latest-tag": ["gotong-royong/api:1.2.3", "gotong-royong/api:latest"],
  "no-read-only-root-fs": ['"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":false'],
  "privileged-container": ['"privileged":false', '"privileged":true'],
  "privilege-escalation-container": ['"allowPrivilegeEscalation":false,', ""],
  "drop-net-raw-capability": ['"drop":["ALL"]', '"drop":["ALL"],"add":["NET_RAW"]'],
  "unsafe-proc-mount": ['"privileged":false', '"procMount":"Unmasked"'],
  "unset-cpu-requirements": ['"limits":{"cpu":"2",', '"limits":{'],
  "unset-memory-requirements": ['"requests":{"cpu":"500m","memory":"1Gi"}', '"requests":{"cpu":"500m"}'],
  "no-liveness-probe": ['"livenessProbe"', '"aliveProbe"'],
  "no-readiness-probe": ['"readinessProbe"', '"readyProbe"'],
  "liveness-port": [/("livenessProbe":\{.*?"port":)"http"/, '$1"https"'],
  "readiness-port": [/("readinessProbe":\{.*?"port":)"http"/, "$18080"],
  "startup-port": [/("startupProbe":\{.*?"port":)"http"/, "$18080"],
  "privileged-ports": ['"containerPort":3000', '"containerPort":80'],
  "ssh-port": ['"containerPort":3000', '"containerPort":22'],
  "env-var-secret": ['"envFrom"', '"env":[{"name":"JWT_SECRET","value":"x"}],"envFrom"'],
  "duplicate-env-var": ['"envFrom"', '"env":[{"name":"A","value":"1"},{"name":"A","value":"2"}],"envFrom"'],
  "read-secret-from-env-var": ['"envFrom"', '"env":[{"name":"A","valueFrom":{"secretKeyRef":{}}}],"envFrom"'],
  "run-as-non-root": ['"runAsUser":65532', '"runAsUser":0'],
  "unsafe-sysctls": ['"runAsNonRoot":true', '"runAsNonRoot":true,"sysctls":[{"name":"kernel.msgmax","value":"1"}]'],
  "host-network": ['"enableServiceLinks":false', '"hostNetwork":true'],
  "host-pid": ['"enableServiceLinks":false', '"hostPID":true'],
  "host-ipc": ['"enableServiceLinks":false', '"hostIPC":true'],
  "sensitive-host-mounts": ['"emptyDir":{"sizeLimit":"1Gi"}', '"hostPath":{"path":"/var/run/docker.sock"}'],
  "default-service-account": ['"serviceAccountName":"gotong-royong-api",', ""],
  "deprecated-service-account-field": ['"enableServiceLinks":false', '"serviceAccount":"gotong-royong-api"'],
  "no-rolling-update-strategy": ['"type":"RollingUpdate"', '"type":"Recreate"'],
  "mismatching-selector": [
    '"matchLabels":{"app.kubernetes.io/name":"gotong-royong-api"}},"template"',
    '"matchLabels":{"app.kubernetes.io/name":"api"}},"template"',
  ],
  "no-anti-affinity": ['"topologyKey":"kubernetes.io/hostname"', '"topologyKey":"kubernetes.io/os"'],
  "use-namespace": [',"namespace":"gotong-royong"', ""],
  "no-extensions-v1beta": ['"networking.k8s.io/v1","kind":"Ingress"', '"extensions/v1beta1","kind":"Ingress"'],
  "non-existent-service-account": ['"serviceAccountName":"gotong-royong-api"', '"serviceAccountName":"api"'],
  "dangling-service": [/("selector":\{"app\.kubernetes\.io\/name":)"gotong-royong-api"/, '$1"api"'],
  "invalid-target-ports": ['"targetPort":"http"', '"targetPort":"https"'],
  "exposed-services": ['"type":"ClusterIP"', '"type":"LoadBalancer"'],
  "dangling-ingress": ['"service":{"name":"gotong-royong-api"', '"service":{"name":"api"'],
  "dangling-networkpolicy": [
    '"podSelector":{"matchLabels":{"app.kubernetes.io/name":"gotong-royong-api"}}',
    '"podSelector":{"matchLabels":{"app.kubernetes.io/name":"api"}}',
  ],
  "non-isolated-pod": [/"policyTypes":\["(Ingress",")?Egress"\]/, '"policyTypes":["Ingress"]'],
  "dangling-horizontalpodautoscaler": [/("scaleTargetRef":\{.*?"name":)"gotong-royong-api"/, '$1"api"'],
  "hpa-minimum-replicas": ['"minReplicas":3', '"minReplicas":1'],
  "one-owner-of-replicas": ['"revisionHistoryLimit":3', '"replicas":3'],
  "pdb-max-unavailable": ['"maxUnavailable":1', '"maxUnavailable":0'],
  "pdb-min-available": ['"maxUnavailable":1', '"minAvailable":3'],
  "pdb-unhealthy-pod-eviction-policy": ['"unhealthyPodEvictionPolicy":"AlwaysAllow"', '"maxUnavailable":1'],
  "budget-of-each-deployment": ['"kind":"PodDisruptionBudget"', '"kind":"Nothing"'],
  "ingress-tls": ['"hosts":["pods.example.org"]', '"hosts":[]'],
  "access-to-secrets": ['"apiVersion":"policy/v1"', '"apiVersion":"rbac.authorization.k8s.io/v1"'],
};

describe("a rule that cannot fail is a defect", () => {
  test("each rule has an object that breaks it", () => {
    expect(Object.keys(VIOLATIONS).toSorted()).toEqual(RULES.map(({ name }) => name).toSorted());
  });

  test.each(RULES.map((rule) => [rule.name, rule] as const))("%s is found", (name, rule) => {
    const [from, to] = VIOLATIONS[name] ?? ["", ""];
    // A pattern may occur several times (once for each policy): replaces all.
    const pattern = typeof from === "string" ? from : new RegExp(from, "g");
    const text = JSON.stringify(production);
    const changed = text.replaceAll(pattern, to);
    expect(changed).not.toBe(text);
    expect(rule.check(production)).toEqual([]);
    expect(rule.check(v.parse(v.array(Manifest), JSON.parse(changed)))).not.toEqual([]);
  });
});

test("production keeps three pods of each at least, ten at most; staging two and four", () => {
  const bounds = (overlay: string) =>
    specsOf(render(folder(overlay)), "HorizontalPodAutoscaler").map(({ spec }) => [spec.minReplicas, spec.maxReplicas]);
  expect(bounds("production")).toEqual([
    [3, 10],
    [3, 10],
  ]);
  expect(bounds("staging")).toEqual([
    [2, 4],
    [2, 4],
  ]);
});

const hasLinter = spawnSync("kube-linter", ["version"]).error === undefined;
if (!hasLinter) process.stdout.write("there is no kube-linter: its rules are checked by ours alone\n");

test.skipIf(!hasLinter).each(OVERLAYS)("kube-linter itself finds nothing in %s", (overlay) => {
  const input = render(folder(overlay))
    .map((manifest) => JSON.stringify(manifest))
    .join("\n---\n");
  const { status, stdout } = spawnSync("kube-linter", ["lint", "-"], { input, encoding: "utf8" });
  expect(stdout).not.toMatch(/\(check: /);
  expect(status).toBe(0);
});

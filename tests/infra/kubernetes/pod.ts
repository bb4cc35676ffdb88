import * as v from "valibot";
import type { Manifest } from "./manifest.ts";

const texts = v.record(v.string(), v.string());
const number = v.union([v.number(), v.string()]);
const selector = v.looseObject({ matchLabels: v.optional(texts, {}) });
const probe = v.optional(v.looseObject({ httpGet: v.optional(v.looseObject({ port: number })) }));
const sizes = v.optional(v.record(v.string(), v.string()), {});

const Container = v.looseObject({
  name: v.string(),
  image: v.string(),
  ports: v.optional(v.array(v.looseObject({ name: v.optional(v.string()), containerPort: v.number() })), []),
  env: v.optional(
    v.array(v.looseObject({ name: v.string(), value: v.optional(v.string()), valueFrom: v.optional(v.unknown()) })),
    [],
  ),
  resources: v.optional(v.looseObject({ requests: sizes, limits: sizes }), {}),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
  securityContext: v.optional(
    v.looseObject({
      privileged: v.optional(v.boolean()),
      allowPrivilegeEscalation: v.optional(v.boolean()),
      readOnlyRootFilesystem: v.optional(v.boolean()),
      procMount: v.optional(v.string()),
      capabilities: v.optional(
        v.looseObject({ drop: v.optional(v.array(v.string()), []), add: v.optional(v.array(v.string()), []) }),
      ),
    }),
    {},
  ),
});
export type Container = v.InferOutput<typeof Container>;

const Pod = v.looseObject({
  serviceAccountName: v.optional(v.string()),
  serviceAccount: v.optional(v.string()),
  hostNetwork: v.optional(v.boolean()),
  hostPID: v.optional(v.boolean()),
  hostIPC: v.optional(v.boolean()),
  restartPolicy: v.optional(v.string()),
  automountServiceAccountToken: v.optional(v.boolean()),
  securityContext: v.optional(
    v.looseObject({
      runAsNonRoot: v.optional(v.boolean()),
      runAsUser: v.optional(v.number()),
      sysctls: v.optional(v.array(v.unknown()), []),
      seccompProfile: v.optional(v.looseObject({ type: v.string() })),
    }),
    {},
  ),
  topologySpreadConstraints: v.optional(
    v.array(v.looseObject({ topologyKey: v.string(), labelSelector: v.optional(selector) })),
    [],
  ),
  affinity: v.optional(v.looseObject({ podAntiAffinity: v.optional(v.unknown()) })),
  containers: v.array(Container),
  volumes: v.optional(v.array(v.looseObject({ name: v.string(), hostPath: v.optional(v.unknown()) })), []),
});
const Deployment = v.looseObject({
  replicas: v.optional(v.number()),
  strategy: v.optional(v.looseObject({ type: v.optional(v.string()) })),
  selector,
  template: v.looseObject({ metadata: v.looseObject({ labels: v.optional(texts, {}) }), spec: Pod }),
});

/** Specs of the kinds that the rules look at. */
export const SPECS = {
  Deployment,
  Service: v.looseObject({
    type: v.optional(v.string(), "ClusterIP"),
    selector: v.optional(texts, {}),
    ports: v.array(v.looseObject({ port: v.number(), targetPort: v.optional(number), name: v.optional(v.string()) })),
  }),
  NetworkPolicy: v.looseObject({ podSelector: selector, policyTypes: v.optional(v.array(v.string()), []) }),
  HorizontalPodAutoscaler: v.looseObject({
    minReplicas: v.optional(v.number(), 1),
    maxReplicas: v.number(),
    scaleTargetRef: v.looseObject({ kind: v.string(), name: v.string() }),
  }),
  ScaledObject: v.looseObject({
    minReplicaCount: v.optional(v.number(), 0),
    scaleTargetRef: v.looseObject({ kind: v.optional(v.string(), "Deployment"), name: v.string() }),
  }),
  PodDisruptionBudget: v.looseObject({
    maxUnavailable: v.optional(number),
    minAvailable: v.optional(number),
    unhealthyPodEvictionPolicy: v.optional(v.string()),
    selector,
  }),
  Ingress: v.looseObject({
    tls: v.optional(v.array(v.looseObject({ hosts: v.optional(v.array(v.string()), []) })), []),
    rules: v.array(
      v.looseObject({
        host: v.optional(v.string()),
        http: v.looseObject({
          paths: v.array(
            v.looseObject({
              backend: v.looseObject({
                service: v.looseObject({
                  name: v.string(),
                  port: v.looseObject({ name: v.optional(v.string()), number: v.optional(v.number()) }),
                }),
              }),
            }),
          ),
        }),
      }),
    ),
  }),
};

/** The objects of one kind with their parsed specs. @throws ValiError for one of an unknown shape */
export function specsOf<K extends keyof typeof SPECS>(manifests: readonly Manifest[], kind: K) {
  return manifests
    .filter((manifest) => manifest.kind === kind)
    .map(({ metadata, spec }) => ({ metadata, spec: parse(kind, spec) }));
}

function parse<K extends keyof typeof SPECS>(kind: K, spec: unknown): v.InferOutput<(typeof SPECS)[K]> {
  return v.parse<(typeof SPECS)[K]>(SPECS[kind], spec);
}

/** Whether a selector of labels finds pods with these. */
export const selects = (wanted: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>) =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);

import type { Settings } from "./stage-name.ts";
import type { PodShape, Pods, Stage } from "./stage-shape.ts";

/**
 * Resources of a worker pod. An idle process needs little. An examination needs much: it loads a video of up to 100 MB
 * as a whole, or decodes a photo of up to 50 megapixels.
 */
const WORKERS = { requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "2", memory: "2Gi" } };

/**
 * Resources and numbers of pods, as in the Kubernetes manifests of the design from which this project was created
 * (docs/spec/infrastructure.md §1).
 */
export const POD_SHAPES: Readonly<Record<"staging" | "production", { api: PodShape; workers: PodShape }>> = {
  staging: {
    api: {
      requests: { cpu: "250m", memory: "256Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
      least: 2,
      most: 4,
    },
    workers: { ...WORKERS, least: 2, most: 4 },
  },
  production: {
    api: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" }, least: 3, most: 10 },
    workers: { ...WORKERS, least: 3, most: 10 },
  },
};

/** Returns the pods that the settings request; nothing if a setting is missing, which {@link problemsOfPods} reports. */
export function podsOf(kind: Stage["kind"], settings: Settings): { pods?: Pods } {
  const { workersImage, apiImage, podsDomain, podsCertificateArn } = settings;
  if ((kind !== "staging" && kind !== "production") || workersImage === undefined) return {};
  const shapes = POD_SHAPES[kind];
  const api =
    apiImage === undefined || podsDomain === undefined || podsCertificateArn === undefined
      ? {}
      : { api: { ...shapes.api, image: apiImage, domain: podsDomain, certificateArn: podsCertificateArn } };
  return { pods: { workers: { ...shapes.workers, image: workersImage }, ...api, hasKeda: settings.keda ?? false } };
}

/** Returns one sentence for each rule about pods that the stage or its settings break. */
export function problemsOfPods(stage: Stage, settings: Settings): string[] {
  const { hasEks } = stage;
  const { workersImage, apiImage, podsDomain, podsCertificateArn, keda } = settings;
  const isForApi = [apiImage, podsDomain, podsCertificateArn];
  const rules: [broken: boolean, problem: string][] = [
    [
      hasEks && stage.kind !== "staging" && stage.kind !== "production",
      `EKS costs $73 a month and is only for staging and production`,
    ],
    // GOTONG_EKS disables the triggers of the functions, so pods must replace the functions.
    [hasEks && workersImage === undefined, `pods need an image: set GOTONG_EKS_WORKERS_IMAGE (docs/eks.md)`],
    [
      isForApi.some((each) => each !== undefined) && isForApi.some((each) => each === undefined),
      `API pods need all of GOTONG_EKS_API_IMAGE, GOTONG_EKS_DOMAIN and GOTONG_EKS_CERTIFICATE_ARN`,
    ],
    [
      !hasEks && [workersImage, ...isForApi, keda].some((each) => each !== undefined && each !== false),
      `settings for pods mean nothing without GOTONG_EKS=true`,
    ],
    [
      hasEks && stage.cache.kind === "none",
      `pods share Markov's limit and the circuit breaker through Valkey: leave GOTONG_CACHE out`,
    ],
    [hasEks && stage.egress === "ipv6", `pods reach their images over IPv4: leave GOTONG_EGRESS out`],
    [
      podsDomain !== undefined && podsDomain === stage.domain,
      `GOTONG_EKS_DOMAIN is that of the pods, another one than GOTONG_DOMAIN, which CloudFront answers`,
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

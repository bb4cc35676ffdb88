import { deployment, region, stage } from "../stage.ts";
import { scalesToZero } from "../stage-shape.ts";
import { provider } from "./cluster.ts";
import { examinationEnvironment } from "../examination.ts";
import { mailEnvironment, membershipEnvironment } from "../mail.ts";

export const LABELS = { "app.kubernetes.io/part-of": "gotong-royong" };
/** The name of the namespace. Production's has no suffix; the manifests of `infra/kubernetes` take the name from here. */
export const NAMESPACE = stage.kind === "production" ? "gotong-royong" : `gotong-royong-${stage.kind}`;

export const namespace = new kubernetes.core.v1.Namespace(
  "Namespace",
  {
    metadata: {
      name: NAMESPACE,
      labels: {
        ...LABELS,
        // Makes Kubernetes reject pods that could escape from their container.
        ...Object.fromEntries(
          ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
        ),
      },
    },
  },
  { provider },
);

/** Options of resources inside the namespace. */
export const inNamespace = { provider, dependsOn: [namespace] };

/** The settings of all pods, except secrets. */
export const settings = {
  STAGE: $app.stage,
  VERSION: deployment.version,
  AWS_REGION: region,
  MARKOV_API_URL: deployment.markovUrl,
  DATABASE_AUTO_PAUSES: String(scalesToZero(stage)),
  DATABASE_POOL_SIZE: "5",
  // Only used while Valkey does not respond; otherwise all senders share one rate limiter.
  DELIVERY_SENDERS: String(stage.pods?.workers.most ?? 1),
  CLIENT_ADDRESS_HEADER: "x-forwarded-for", // the API reads its last entry, which the load balancer appends
  ...(deployment.uploadOrigins.length > 0 ? { CORS_ORIGINS: deployment.uploadOrigins.join(",") } : {}),
  ...mailEnvironment,
  ...membershipEnvironment,
  ...examinationEnvironment,
};

export const configMap = new kubernetes.core.v1.ConfigMap(
  "Settings",
  { metadata: { name: "app-config", namespace: NAMESPACE, labels: LABELS }, data: settings },
  inNamespace,
);

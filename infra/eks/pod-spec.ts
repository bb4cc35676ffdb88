import type { PodShape } from "../stage-shape.ts";

interface Shape {
  readonly component: "api" | "workers";
  readonly shape: PodShape & { readonly image: string };
  readonly port: number;
  readonly graceSeconds: number;
  readonly hasCallers: boolean;
  readonly selector: Record<string, string>;
}

/** An arbitrary unprivileged user id: the files in the images are readable by every user. */
const USER = 65_532;
/**
 * Seconds for which a pod continues to accept requests after SIGTERM, since load balancers and Services still send
 * some.
 */
const LEAVE_SECONDS = 15;

/** Builds the spec of a pod without privileges, whose replicas are spread over zones and nodes. */
export function podSpec({
  component,
  shape,
  port,
  graceSeconds,
  hasCallers,
  selector,
}: Shape): kubernetes.types.input.core.v1.PodSpec {
  const name = `gotong-royong-${component}`;
  const probe = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 3, failureThreshold: 3 });
  const spread = {
    maxSkew: 1,
    labelSelector: { matchLabels: selector },
    matchLabelKeys: ["pod-template-hash"],
    nodeTaintsPolicy: "Honor", // nodes of a lost zone are tainted: the scheduler must not wait for them
  };
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false, // Kubernetes' variables about Services have names that the process would read as settings
    terminationGracePeriodSeconds: graceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    topologySpreadConstraints: [
      { ...spread, topologyKey: "topology.kubernetes.io/zone", whenUnsatisfiable: "DoNotSchedule" },
      { ...spread, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
    ],
    containers: [
      {
        name: component,
        image: shape.image,
        imagePullPolicy: "IfNotPresent",
        ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
        envFrom: [{ configMapRef: { name: "app-config" } }, { secretRef: { name } }],
        resources: { requests: { ...shape.requests }, limits: { ...shape.limits } },
        startupProbe: { ...probe("/live"), periodSeconds: 2, failureThreshold: 30 },
        livenessProbe: { ...probe("/live"), periodSeconds: 10 },
        readinessProbe: { ...probe("/ready"), periodSeconds: 5 },
        ...(hasCallers ? { lifecycle: { preStop: { sleep: { seconds: LEAVE_SECONDS } } } } : {}),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          privileged: false,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
      },
    ],
    volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Gi" } }],
  };
}

import { apiGrant } from "../grants.ts";
import type { Pods } from "../stage-shape.ts";
import { provider } from "./cluster.ts";
import { firewall } from "./firewall.ts";
import { NAMESPACE, LABELS, inNamespace } from "./namespace.ts";
import { scaleByUse } from "./scaling.ts";
import { createWorkload } from "./workload.ts";

const PORT = 3000; // PORT of core/src/platform/config.ts
/**
 * Time that a pod has to stop: deregistration from the load balancer, 10 s for running requests (api/src/serve.ts),
 * and closing connections.
 */
const GRACE_SECONDS = 45;

/** Creates pods of the API behind a separate load balancer, in addition to the API on Lambda. */
export function createApi(shape: NonNullable<Pods["api"]>): void {
  const workload = createWorkload({
    name: "Api",
    component: "api",
    shape,
    port: PORT,
    graceSeconds: GRACE_SECONDS,
    hasCallers: true,
    grant: apiGrant,
  });
  scaleByUse("Api", { ...workload, shape });
  const parameters = new kubernetes.apiextensions.CustomResource(
    "ApiIngressClassParams",
    {
      apiVersion: "eks.amazonaws.com/v1",
      kind: "IngressClassParams",
      metadata: { name: NAMESPACE, labels: LABELS },
      spec: { scheme: "internet-facing", certificateARNs: [shape.certificateArn] },
    },
    { provider },
  );
  const ingressClass = new kubernetes.networking.v1.IngressClass(
    "ApiIngressClass",
    {
      metadata: { name: NAMESPACE, labels: LABELS },
      spec: {
        controller: "eks.amazonaws.com/alb",
        parameters: { apiGroup: "eks.amazonaws.com", kind: "IngressClassParams", name: NAMESPACE },
      },
    },
    { provider, dependsOn: [parameters] },
  );
  const backend = { service: { name: workload.metadata.name, port: { name: "http" } } };
  new kubernetes.networking.v1.Ingress(
    "ApiIngress",
    {
      metadata: {
        ...workload.metadata,
        annotations: {
          "alb.ingress.kubernetes.io/target-type": "ip",
          "alb.ingress.kubernetes.io/listen-ports": '[{"HTTP":80},{"HTTPS":443}]',
          "alb.ingress.kubernetes.io/ssl-redirect": "443",
          "alb.ingress.kubernetes.io/ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
          "alb.ingress.kubernetes.io/healthcheck-path": "/ready",
          ...(firewall ? { "alb.ingress.kubernetes.io/wafv2-acl-arn": firewall.arn } : {}),
        },
      },
      spec: {
        ingressClassName: NAMESPACE,
        tls: [{ hosts: [shape.domain] }],
        rules: [{ host: shape.domain, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    },
    { ...inNamespace, dependsOn: [workload.service, ingressClass] },
  );
}

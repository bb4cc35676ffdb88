import { deployment } from "../stage.ts";
import { VPC_CIDR } from "../vpc.ts";
import { SERVICES_CIDR, provider } from "./cluster.ts";
import { LABELS, NAMESPACE, inNamespace } from "./namespace.ts";

const markovPort = Number(new URL(deployment.markovUrl).port || 443);

type Spec = kubernetes.types.input.networking.v1.NetworkPolicySpec;
const tcp = (...ports: number[]) => ports.map((port) => ({ protocol: "TCP", port }));
const blocks = (...cidrs: string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

/**
 * The setting that makes Auto Mode enforce network policies (EKS User Guide, "Use network policies with EKS Auto
 * Mode").
 */
const controller = new kubernetes.core.v1.ConfigMap(
  "NetworkPolicyController",
  {
    metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
    data: { "enable-network-policy-controller": "true" },
  },
  { provider },
);

/** Policies that deny all traffic into and out of the namespace, with the exceptions below. */
export const networkPolicies = [
  policy("DefaultDeny", "default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
  policy("AllowEgress", "allow-egress", {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [
      // Allows DNS: Auto Mode resolves names on each node, other clusters resolve them in kube-system.
      {
        to: [
          { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } },
          ...blocks(SERVICES_CIDR, VPC_CIDR),
        ],
        ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)],
      },
      { to: blocks(VPC_CIDR), ports: tcp(5432, 6379) },
      // Allows Pod Identity's agent on the node, which provides credentials; the instance metadata service at a
      // neighbouring address stays blocked.
      { to: blocks("169.254.170.23/32"), ports: tcp(80) },
      // Allows S3, SQS and Markov.
      {
        to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }],
        ports: tcp(443, ...(markovPort === 443 ? [] : [markovPort])),
      },
    ],
  }),
];

/** Allows traffic from Prometheus, and from the VPC (the load balancer) if `hasCallers`, to the pods of one component. */
export function allowIngress(name: string, component: string, port: number, hasCallers: boolean) {
  return policy(`Allow${name}`, `allow-${component}`, {
    podSelector: { matchLabels: { "app.kubernetes.io/name": `gotong-royong-${component}` } },
    policyTypes: ["Ingress"],
    ingress: [
      ...(hasCallers ? [{ from: blocks(VPC_CIDR), ports: tcp(port) }] : []),
      {
        from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } }],
        ports: tcp(port),
      },
    ],
  });
}

function policy(name: string, objectName: string, spec: Spec) {
  return new kubernetes.networking.v1.NetworkPolicy(
    name,
    { metadata: { name: objectName, namespace: NAMESPACE, labels: LABELS }, spec },
    { ...inNamespace, dependsOn: [...inNamespace.dependsOn, controller] },
  );
}

import { list, number, type Resource, text } from "../resource.ts";
import { each, type Rule } from "../rule.ts";
import { podOf, WORKLOADS } from "./pods.ts";

const SECRET_NAME = /passw|secret|token|credential|private_?key/i;

const all = (workload: Resource): unknown[] => [
  ...list(podOf(workload), "containers"),
  ...list(podOf(workload), "initContainers"),
];
/** Returns a check that passes if the pods have at least one container and every container passes `test`. */
const every = (test: (container: unknown) => boolean) => (workload: Resource) =>
  all(workload).length > 0 && all(workload).every(test);

export const containers: readonly Rule[] = [
  each({
    id: "container-hides-proc",
    says: "A container sees as little of /proc as its engine thinks right",
    source: "kube-linter unsafe-proc-mount",
    types: WORKLOADS,
    passes: every((one) => text(one, "securityContext.procMount") !== "Unmasked"),
  }),
  each({
    id: "container-uses-high-ports",
    says: "A container listens on ports that need no rights, and not on that of SSH",
    source: "kube-linter privileged-ports, ssh-port",
    types: WORKLOADS,
    passes: every((one) => list(one, "ports").every((port) => number(port, "containerPort") >= 1024)),
  }),
  each({
    id: "container-has-no-secret-in-clear-text",
    says: "No secret stands in a container's environment: it comes from a Secret",
    source: "kube-linter env-var-secret, prowler core_no_secrets_envs",
    types: WORKLOADS,
    passes: every((one) =>
      list(one, "env").every((each) => !SECRET_NAME.test(text(each, "name")) || text(each, "value") === ""),
    ),
  }),
];

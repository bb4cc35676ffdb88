import type { Container } from "./pod.ts";

/** A tag that names one image for ever, or a digest. */
const TAGGED = /(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})$/;
const SECRET_NAME = /secret|password|token|credential/i;
const has = (container: Container, port: number | string | undefined) =>
  port === undefined || container.ports.some(({ name, containerPort }) => name === port || containerPort === port);
const numbers = ({ ports }: Container) => ports.map(({ containerPort }) => containerPort);

/** The checks of kube-linter that look at one container, by its names for them. */
export const CONTAINER_RULES: readonly [name: string, isBroken: (container: Container) => boolean][] = [
  ["latest-tag", ({ image }) => !TAGGED.test(image.split("/").at(-1) ?? "")],
  ["no-read-only-root-fs", ({ securityContext }) => securityContext.readOnlyRootFilesystem !== true],
  ["privileged-container", ({ securityContext }) => securityContext.privileged === true],
  ["privilege-escalation-container", ({ securityContext }) => securityContext.allowPrivilegeEscalation !== false],
  [
    "drop-net-raw-capability",
    ({ securityContext: { capabilities } }) => !capabilities?.drop.includes("ALL") || capabilities.add.length > 0,
  ],
  ["unsafe-proc-mount", ({ securityContext }) => ![undefined, "Default"].includes(securityContext.procMount)],
  ["unset-cpu-requirements", ({ resources }) => !resources.requests?.["cpu"] || !resources.limits?.["cpu"]],
  ["unset-memory-requirements", ({ resources }) => !resources.requests?.["memory"] || !resources.limits?.["memory"]],
  ["no-liveness-probe", ({ livenessProbe }) => livenessProbe === undefined],
  ["no-readiness-probe", ({ readinessProbe }) => readinessProbe === undefined],
  ["liveness-port", (container) => !has(container, container.livenessProbe?.httpGet?.port)],
  ["readiness-port", (container) => !has(container, container.readinessProbe?.httpGet?.port)],
  ["startup-port", (container) => !has(container, container.startupProbe?.httpGet?.port)],
  ["privileged-ports", (container) => numbers(container).some((port) => port < 1024)],
  ["ssh-port", (container) => numbers(container).includes(22)],
  ["env-var-secret", ({ env }) => env.some(({ name, value }) => SECRET_NAME.test(name) && value !== undefined)],
  ["duplicate-env-var", ({ env }) => new Set(env.map(({ name }) => name)).size < env.length],
  ["read-secret-from-env-var", ({ env }) => JSON.stringify(env).includes("secretKeyRef")],
];

import { join } from "node:path";
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { parse } from "yaml";

const Condition = v.picklist(["service_started", "service_healthy", "service_completed_successfully"]);
/** The part of the Compose specification that compose.yaml uses; other keys are errors. */
const Service = v.strictObject({
  image: v.string(),
  profiles: v.optional(v.array(v.string())),
  entrypoint: v.optional(v.array(v.string())),
  build: v.optional(v.strictObject({ context: v.string(), target: v.string() })),
  command: v.optional(v.array(v.string())),
  user: v.optional(v.string()),
  environment: v.optional(v.record(v.string(), v.string()), {}),
  init: v.optional(v.boolean()),
  ports: v.optional(v.array(v.string()), []),
  volumes: v.optional(v.array(v.string()), []),
  tmpfs: v.optional(v.array(v.string()), []),
  shm_size: v.optional(v.string()),
  mem_limit: v.optional(v.string()),
  cpus: v.optional(v.number()),
  pids_limit: v.optional(v.number()),
  stop_grace_period: v.optional(v.string()),
  restart: v.optional(v.picklist(["no", "always", "on-failure", "unless-stopped"])),
  read_only: v.optional(v.boolean(), false),
  cap_drop: v.optional(v.array(v.string()), []),
  security_opt: v.optional(v.array(v.string()), []),
  logging: v.optional(v.strictObject({ driver: v.string(), options: v.record(v.string(), v.string()) })),
  depends_on: v.optional(v.record(v.string(), v.strictObject({ condition: Condition })), {}),
  healthcheck: v.optional(
    v.strictObject({
      test: v.pipe(v.array(v.string()), v.minLength(2)),
      interval: v.string(),
      timeout: v.string(),
      retries: v.number(),
    }),
  ),
});
const Compose = v.strictObject({
  "x-platform": v.record(v.string(), v.string()),
  "x-hardened": v.unknown(),
  services: v.record(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/)), Service),
  volumes: v.record(v.string(), v.null()),
});
export type Compose = v.InferOutput<typeof Compose>;

export const ROOT = join(import.meta.dirname, "..", "..", "..");

/**
 * Parses compose.yaml.
 * @throws ValiError for keys and values outside of the supported part of the Compose specification
 */
export const readCompose = (text = readFileSync(join(ROOT, "compose.yaml"), "utf8")): Compose =>
  v.parse(Compose, parse(text, { merge: true }));

/** Violations of our rules in a valid Compose file, one message each. */
export function faultsOf({ services, volumes }: Compose): string[] {
  const found: string[] = [];
  for (const [name, service] of Object.entries(services)) {
    const say = (isWrong: boolean, what: string) => void (isWrong && found.push(`${name} ${what}`));
    const isOurs = service.build !== undefined;
    const isJob = service.restart === "no";
    say(!isOurs && !/:v?\d+\.\d+(\.\d+)?(-|$)/.test(service.image), "has an image without an exact version");
    say(!service.read_only, "may write to its image");
    say(!service.cap_drop.includes("ALL"), "keeps capabilities");
    say(!service.security_opt.includes("no-new-privileges:true"), "may gain privileges");
    say(service.mem_limit === undefined || service.cpus === undefined, "has no limit of memory or processor");
    say(service.pids_limit === undefined, "may start any number of processes");
    say(service.restart === undefined, "does not say whether it is started again");
    say(!isOurs && service.healthcheck === undefined, "has no health check");
    say(
      service.ports.some((port) => !port.startsWith("127.0.0.1:")),
      "listens beyond loopback",
    );
    for (const [variable, value] of Object.entries(service.environment)) {
      const isSecret = /SECRET|TOKEN|PASSWORD|_KEY$/.test(variable);
      say(isSecret && !/^\$\{\w+:-[^}]+\}$/.test(value), `has ${variable} baked in`);
    }
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      const needed = services[other];
      say(needed === undefined, `depends on ${other}, which is not there`);
      if (needed === undefined) continue;
      const isDone = condition === "service_completed_successfully";
      say(isDone !== (needed.restart === "no"), `waits for ${other} in the wrong way`);
    }
    for (const volume of service.volumes) {
      const [from = ""] = volume.split(":");
      say(!from.startsWith("./") && !Object.hasOwn(volumes, from), `uses the volume ${from}, which is not declared`);
      say(from.startsWith("./") && !volume.endsWith(":ro"), `may write to ${from}`);
    }
    say(isJob && Object.keys(service.depends_on).length === 0, "runs at once");
  }
  const ports = Object.values(services).flatMap((service) => service.ports.map((port) => port.split(":")[1]));
  if (new Set(ports).size < ports.length) found.push("two services share a port");
  return found;
}

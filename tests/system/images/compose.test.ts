import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Config, type Section } from "@gotong/core/platform/config.ts";
import { SECTIONS as API } from "@gotong/api/sections.ts";
import { SECTIONS as WORKERS } from "@gotong/workers/sections.ts";
import { type Compose, ROOT, faultsOf, readCompose } from "./compose.ts";

test("compose.yaml runs all parts of the platform, hardened, on loopback, with pinned images", () => {
  const compose = readCompose();
  expect(Object.keys(compose.services).toSorted()).toEqual(
    ["api", "clamav", "markov", "migrate", "postgres", "prepare", "s3", "sqs", "valkey", "worker"].toSorted(),
  );
  expect(faultsOf(compose)).toEqual([]);
});

const text = readFileSync(join(ROOT, "compose.yaml"), "utf8");
test.for([
  ["postgres:17.6-bookworm", "postgres:latest", "has an image without an exact version"],
  ["read_only: true", "read_only: false", "may write to its image"],
  ["cap_drop: [ALL]", "cap_drop: [NET_RAW]", "keeps capabilities"],
  ['["no-new-privileges:true"]', "[]", "may gain privileges"],
  ["mem_limit: 256m", "", "has no limit of memory"],
  ["pids_limit: 200", "", "may start any number of processes"],
  ['"127.0.0.1:6379:6379"', '"6379:6379"', "valkey listens beyond loopback"],
  ["${JWT_KEY:-dev-only-key-that-signs-access-tokens-on-loopback}", "abc", "api has JWT_KEY baked in"],
  ["migrate: { condition: service_completed_successfully }", "migrate: { condition: service_started }", "wrong way"],
  ["postgres: { condition: service_healthy }", "postgers: { condition: service_healthy }", "is not there"],
  ["  markov:\n  objects:", "  objects:", "uses the volume markov"],
  ["elasticmq.conf:ro", "elasticmq.conf", "may write to ./infra"],
  ["127.0.0.1:3001:3001", "127.0.0.1:3000:3001", "two services share a port"],
] as const)("the check of compose.yaml detects a changed %s", ([right, wrong, fault]) => {
  expect(text).toContain(right);
  expect(faultsOf(readCompose(text.replace(right, () => wrong))).join("\n")).toContain(fault);
});

test("a key in compose.yaml outside of the Compose specification is an error", () => {
  expect(() => readCompose(text.replace("mem_limit:", "memory_limit:"))).toThrow(/memory_limit/);
});

test("the containers' settings in compose.yaml are a complete configuration, which is accepted only in development", () => {
  const environment = withDefaults(readCompose());
  const sections = new Set<Section>([...API, ...Object.values(WORKERS).flat()]);
  Config.use(environment);
  expect(() => Config.check([...sections])).not.toThrow();
  Config.use({ ...environment, STAGE: "staging" });
  expect(() => Config.check([...sections])).toThrow(/JWT_KEY is a well-known or guessable value/);
  Config.use({});
});

const withDefaults = ({ services }: Compose) =>
  Object.fromEntries(
    Object.entries(services["api"]?.environment ?? {}).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"),
    ]),
  );

const programs = [["docker", "compose"], ["docker-compose"]].filter(
  ([program = "", ...rest]) => spawnSync(program, [...rest, "version"]).status === 0,
);
if (programs.length === 0)
  process.stderr.write("There is no docker compose here: compose.yaml is checked by our own rules alone.\n");

test.skipIf(programs.length === 0)("docker compose accepts compose.yaml", () => {
  const [program = "", ...rest] = programs[0] ?? [];
  const result = spawnSync(program, [...rest, "-f", join(ROOT, "compose.yaml"), "config", "-q"], { encoding: "utf8" });
  expect(result.stderr).toBe("");
  expect(result.status).toBe(0);
});

test("the images that compose.yaml builds are the targets of the Dockerfile", () => {
  const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");
  for (const { build } of Object.values(readCompose().services)) {
    if (build === undefined) continue;
    expect(dockerfile).toMatch(new RegExp(`^FROM node AS ${build.target}$`, "m"));
    expect(existsSync(join(ROOT, build.context, "Dockerfile"))).toBe(true);
  }
});

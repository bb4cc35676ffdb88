import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { DIFFERENCES, type Difference } from "./kubernetes/differences.ts";
import { render, renderByTool } from "./kubernetes/kustomize.ts";
import { type Manifest, byId, idOf, manifestsOf } from "./kubernetes/manifest.ts";

const overlay = (name: string) => join(ROOT, "infra/kubernetes/overlays", name);

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

function evaluated(id: string): Manifest[] {
  const found = all.find(({ variant }) => variant.id === id);
  if (!found) throw new Error(`there is no variant ${id}`);
  return manifestsOf(found);
}

/** Without the intended differences, sorted. */
function common(manifests: readonly Manifest[], side: "sst" | "files", differences = DIFFERENCES): Manifest[] {
  const clean = (manifest: Manifest) =>
    differences.reduce<Manifest | undefined>(
      (each, difference) =>
        each === undefined ? undefined : (difference[side]?.(each) ?? keep(difference, side, each)),
      manifest,
    );
  return byId(manifests.flatMap((manifest) => clean(manifest) ?? []));
}
const keep = (difference: Difference, side: "sst" | "files", manifest: Manifest) =>
  difference[side] === undefined ? manifest : undefined;

const PAIRS = [
  ["staging with EKS and API pods", "staging"],
  ["production with EKS and API pods", "production"],
  ["production with EKS, API pods and KEDA", "production-keda"],
] as const;

describe("SST and the manifests describe the same pods", () => {
  test.each(PAIRS)("%s equals %s, except for the intended differences", (id, name) => {
    expect(common(evaluated(id), "sst")).toEqual(common(render(overlay(name)), "files"));
  });

  test.each(["staging", "production"])("%s without API pods equals the manifests without the API", (name) => {
    const isOfApi = ({ kind, metadata }: Manifest) =>
      metadata.labels?.["app.kubernetes.io/name"] === "gotong-royong-api" ||
      metadata.name === "allow-api" ||
      kind.startsWith("IngressClass");
    const files = render(overlay(name)).filter((manifest) => !isOfApi(manifest));
    expect(common(evaluated(`${name} with EKS`), "sst")).toEqual(common(files, "files"));
  });

  test.each(DIFFERENCES.map((difference) => [difference.what, difference] as const))(
    "%s: there is such a difference, and it is the only one that its reason excuses",
    (_, difference) => {
      expect(difference.reason.length).toBeGreaterThan(20);
      const others = DIFFERENCES.filter((each) => each !== difference);
      const differs = PAIRS.filter(
        ([id, name]) =>
          JSON.stringify(common(evaluated(id), "sst", others)) !==
          JSON.stringify(common(render(overlay(name)), "files", others)),
      );
      expect(differs).not.toEqual([]);
    },
  );

  test("a change on only one side is detected", () => {
    const files = render(overlay("production")).map((manifest) =>
      manifest.kind === "PodDisruptionBudget" ? { ...manifest, spec: { maxUnavailable: 2 } } : manifest,
    );
    expect(common(files, "files")).not.toEqual(common(evaluated("production with EKS and API pods"), "sst"));
  });
});

const hasTool = renderByTool(overlay("production")) !== undefined;
if (!hasTool)
  process.stdout.write("there is neither kubectl nor kustomize: our rendering is not compared with theirs\n");

test.skipIf(!hasTool).each(["staging", "production", "production-keda"])(
  "our rendering of %s equals kustomize's",
  (name) => {
    expect(byId(render(overlay(name)))).toEqual(byId(renderByTool(overlay(name)) ?? []));
  },
);

test("every object of the seed is there, in one namespace, and no value of a secret", () => {
  for (const name of ["staging", "production"]) {
    const manifests = render(overlay(name));
    expect(manifests.map(({ kind }) => kind).toSorted()).toEqual(
      [
        "Namespace",
        "ConfigMap",
        ...["ServiceAccount", "Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"].flatMap(
          (kind) => [kind, kind],
        ),
        ...Array.from({ length: 4 }, () => "NetworkPolicy"),
        "Ingress",
        "IngressClass",
        "IngressClassParams",
      ].toSorted(),
    );
    expect(new Set(manifests.map(idOf)).size).toBe(manifests.length);
    expect(JSON.stringify(manifests)).not.toMatch(/postgres(ql)?:\/\/|rediss?:\/\/|AKIA|"stringData"/);
    const settings = manifests.flatMap((manifest) => Object.keys(manifest["data"] ?? {}));
    expect(settings.filter((setting) => /SECRET|TOKEN|JWT|PASSWORD|DATABASE_URL|REDIS_URL/.test(setting))).toEqual([]);
    expect(JSON.stringify(manifests)).toContain('"secretRef":{"name":"gotong-royong-api"}');
  }
});

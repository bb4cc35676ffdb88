import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { OVERLAYS, idOf, manifestsText } from "../../infra/kubernetes/generate.ts";
import { fileOf, written } from "./kubernetes/manifest.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const NAMES = ["staging", "production", "production-keda"] as const;

describe.each(NAMES)("the manifests of %s", (name) => {
  test("these manifests equal the pods that SST deploys; `npm run infra -- kubernetes` writes them anew", async () => {
    const evaluation = all.find(({ variant }) => variant.id === OVERLAYS[name]);
    if (!evaluation) throw new Error(`there is no variant ${OVERLAYS[name]}`);
    await expect(manifestsText(evaluation)).toMatchFileSnapshot(fileOf(name));
    const kustomization: unknown = parse(readFileSync(join(fileOf(name), "../kustomization.yaml"), "utf8"));
    expect(kustomization).toMatchObject({ resources: ["manifests.yaml"] });
  });

  test("these manifests contain no secret values, no values known only at deployment, and no mock values of the evaluation", () => {
    const text = JSON.stringify(written(name));
    expect(text).not.toMatch(
      /postgres(ql)?:\/\/|rediss?:\/\/|AKIA|"stringData"|mock|QueueQueue|checksum\/config|wafv2/,
    );
    expect(text).toContain('"secretRef":{"name":"gotong-royong-api"}');
    const settings = written(name).flatMap((manifest) => Object.entries(Object(manifest["data"])));
    // A URL of the app's pages is no secret, though the name of its setting may contain a word such as PASSWORD.
    const secrets = settings.filter(
      ([each, value]) =>
        /SECRET|TOKEN|JWT|PASSWORD|DATABASE_URL|REDIS_URL/.test(each) &&
        !String(value).startsWith("https://app.example.org/"),
    );
    expect(secrets.map(([each]) => each)).toEqual([]);
  });
});

test("every Kubernetes object of the first specification is in the manifests exactly once, in one namespace", () => {
  for (const name of ["staging", "production"] as const) {
    const manifests = written(name);
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
  }
  expect(readFileSync(join(ROOT, "docs/eks.md"), "utf8")).toContain("npm run infra -- kubernetes");
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { parseAllDocuments } from "yaml";
import { beforeAll, expect, test } from "vitest";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { Manifest, manifestsOf } from "../../infra/kubernetes/generate.ts";
import { written } from "./kubernetes/manifest.ts";
import { schemaFaults } from "./kubernetes/schema.ts";

const OVERLAYS = ["staging", "production", "production-keda"] as const;
const files = OVERLAYS.flatMap(written);
const clamav = parseAllDocuments(readFileSync(join(ROOT, "infra/kubernetes/clamav.yaml"), "utf8")).map((one) =>
  v.parse(Manifest, one.toJS()),
);

let evaluated: Manifest[];
beforeAll(async () => {
  evaluated = (await evaluateAll()).flatMap(manifestsOf);
}, 600_000);

test("every Kubernetes object of SST and of the manifests matches Kubernetes' schema, field by field", () => {
  expect(evaluated.length).toBeGreaterThan(80);
  expect(schemaFaults(ROOT, [...files, ...clamav, ...evaluated])).toEqual([]);
});

/** Returns an object with one fault: `from` is replaced by `to`. */
function broken(kind: string, from: string, to: string): Manifest {
  const object = files.find((each) => each.kind === kind && JSON.stringify(each).includes(from));
  const text = JSON.stringify(object);
  expect(text).toContain(from);
  return v.parse(Manifest, JSON.parse(text.replace(from, to)));
}

test("a misspelt field, a wrong type, a missing field and an unknown kind are reported, each with its object", () => {
  const cases: [string, string, string, RegExp][] = [
    ["Deployment", '"readOnlyRootFilesystem":', '"readOnlyRootFileSystem":', /readOnlyRootFileSystem/],
    ["Deployment", '"periodSeconds":10', '"periodSeconds":"10"', /string.*number/],
    ["Deployment", '"terminationGracePeriodSeconds":', '"gracePeriodSeconds":', /gracePeriodSeconds/],
    ["Service", '"port":9464', '"targetport":9464', /targetport|'port' is missing/],
    ["HorizontalPodAutoscaler", '"maxReplicas":4', '"maxReplicas":"4"', /string.*number/],
    ["Ingress", '"pathType":"Prefix"', '"pathtype":"Prefix"', /pathtype|pathType/],
    ["NetworkPolicy", '"policyTypes":["Ingress","Egress"]', '"policyTypes":"Ingress"', /string/],
    ["ConfigMap", '"DATABASE_POOL_SIZE":"5"', '"DATABASE_POOL_SIZE":5', /number.*string/],
    ["PodDisruptionBudget", '"maxUnavailable":1', '"maxUnavailable":true', /'true'/],
    ["IngressClassParams", '"certificateARNs"', '"certificateArns"', /certificateArns/],
    ["ScaledObject", '"queueLength":"100"', '"queueLength":100', /number/],
    ["ScaledObject", '"kind":"ScaledObject"', '"kind":"ScaledJob"', /no schema/],
  ];
  const faults = schemaFaults(
    ROOT,
    cases.map(([kind, from, to], index) => {
      const object = broken(kind, from, to);
      return { ...object, metadata: { ...object.metadata, name: `case-${index}` } };
    }),
  );
  for (const [index, [kind, , to, reason]] of cases.entries())
    expect(
      faults.filter((fault) => fault.includes(`/case-${index}:`)),
      `${kind} ${to}`,
    ).toContainEqual(expect.stringMatching(reason));
});

import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { parseAllDocuments } from "yaml";
import { Manifest } from "./manifest.ts";

/** The subset of kustomize that the manifests of this repository use; other features are refused. */
const Kustomization = v.strictObject({
  apiVersion: v.literal("kustomize.config.k8s.io/v1beta1"),
  kind: v.literal("Kustomization"),
  resources: v.array(v.string()),
  namespace: v.optional(v.string()),
  labels: v.optional(
    v.array(v.strictObject({ pairs: v.record(v.string(), v.string()), includeTemplates: v.literal(true) })),
    [],
  ),
  images: v.optional(
    v.array(v.strictObject({ name: v.string(), newName: v.string(), newTag: v.optional(v.string()) })),
    [],
  ),
  patches: v.optional(v.array(v.strictObject({ path: v.string() })), []),
});
const Template = v.looseObject({
  template: v.looseObject({
    metadata: v.looseObject({ labels: v.optional(v.record(v.string(), v.string())) }),
    spec: v.looseObject({ containers: v.array(v.looseObject({ image: v.string() })) }),
  }),
});

/** Objects that belong to no namespace, as far as kustomize knows. */
const CLUSTER_WIDE = new Set(["Namespace", "IngressClass"]);
/** Lists that a patch replaces as a whole. */
const REPLACED = new Set(["rules", "tls"]);

/**
 * The objects of a folder with a kustomization.yaml, as `kubectl kustomize` would print them.
 * @throws Error for a feature that is not done here
 */
export function render(folder: string): Manifest[] {
  const { resources, namespace, labels, images, patches } = v.parse(
    Kustomization,
    parseAllDocuments(readFileSync(join(folder, "kustomization.yaml"), "utf8"))[0]?.toJS(),
  );
  let manifests = resources.flatMap((path) =>
    statSync(join(folder, path)).isDirectory() ? render(join(folder, path)) : read(join(folder, path)),
  );
  for (const patch of patches.flatMap(({ path }) => read(join(folder, path)))) manifests = apply(manifests, patch);
  return manifests
    .map((manifest) => (namespace === undefined ? manifest : moved(manifest, namespace)))
    .map((manifest) => labels.reduce((each, { pairs }) => labelled(each, pairs), manifest))
    .map((manifest) => imaged(manifest, images));
}

const read = (file: string) => parseManifests(readFileSync(file, "utf8"));
const parseManifests = (text: string) =>
  parseAllDocuments(text).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return v.parse(Manifest, document.toJS());
  });

function apply(manifests: Manifest[], patch: Manifest): Manifest[] {
  const isMeant = ({ apiVersion, kind, metadata: { name, namespace } }: Manifest) =>
    apiVersion === patch.apiVersion &&
    kind === patch.kind &&
    name === patch.metadata.name &&
    (patch.metadata.namespace === undefined || patch.metadata.namespace === namespace);
  if (!manifests.some(isMeant)) throw new Error(`a patch finds no ${patch.kind} ${patch.metadata.name}`);
  if (patch["$patch"] === "delete") return manifests.filter((manifest) => !isMeant(manifest));
  return manifests.map((manifest) => (isMeant(manifest) ? v.parse(Manifest, merge(manifest, patch, "")) : manifest));
}

/** Kubernetes' strategic merge, for the lists that are patched here. */
function merge(target: unknown, patch: unknown, key: string): unknown {
  if (Array.isArray(patch)) {
    if (target === undefined || REPLACED.has(key)) return patch;
    if (key !== "containers" || !Array.isArray(target)) throw new Error(`a patch of the list ${key} is not done here`);
    return target.map((each: unknown) => {
      const change = patch.find((one: unknown) => nameOf(one) === nameOf(each));
      return change === undefined ? each : merge(each, change, "");
    });
  }
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) merged[name] = merge(merged[name], value, name);
  return merged;
}

function moved(manifest: Manifest, namespace: string): Manifest {
  const { kind, metadata } = manifest;
  if (kind === "Namespace") return { ...manifest, metadata: { ...metadata, name: namespace } };
  return CLUSTER_WIDE.has(kind) ? manifest : { ...manifest, metadata: { ...metadata, namespace } };
}

function labelled(manifest: Manifest, pairs: Record<string, string>): Manifest {
  const { metadata } = manifest;
  const of = <T extends { labels?: Record<string, string> | undefined }>(meta: T) => ({
    ...meta,
    labels: { ...meta.labels, ...pairs },
  });
  const outer: Manifest = { ...manifest, metadata: of(metadata) };
  if (!v.is(Template, manifest["spec"])) return outer;
  const { template, ...spec } = manifest["spec"];
  return { ...outer, spec: { ...spec, template: { ...template, metadata: of(template.metadata) } } };
}

function imaged(manifest: Manifest, images: readonly { name: string; newName: string; newTag?: string | undefined }[]) {
  if (!v.is(Template, manifest["spec"])) return manifest;
  const { template, ...spec } = manifest["spec"];
  const containers = template.spec.containers.map((container) => {
    const image = images.find(({ name }) => name === container.image.split(/[:@]/)[0]);
    return image ? { ...container, image: [image.newName, image.newTag].filter(Boolean).join(":") } : container;
  });
  return { ...manifest, spec: { ...spec, template: { ...template, spec: { ...template.spec, containers } } } };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const nameOf = (value: unknown) => (isRecord(value) ? value["name"] : undefined);

const TOOLS = [
  ["kubectl", ["kustomize"]],
  ["kustomize", ["build"]],
] as const;

/** What the real tool prints for a folder; undefined where neither kubectl nor kustomize is installed. */
export function renderByTool(folder: string): Manifest[] | undefined {
  for (const [program, args] of TOOLS) {
    const { status, stdout, stderr, error } = spawnSync(program, [...args, folder], { encoding: "utf8" });
    if (error) continue;
    if (status !== 0) throw new Error(`${program} refuses ${folder}:\n${stderr}`);
    return parseManifests(stdout);
  }
  return undefined;
}

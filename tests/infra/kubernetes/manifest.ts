import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { parseAllDocuments } from "yaml";
import { ROOT } from "../../../infra/evaluate/evaluations.ts";
import { Manifest, type OVERLAYS } from "../../../infra/kubernetes/generate.ts";

export const fileOf = (overlay: keyof typeof OVERLAYS) =>
  join(ROOT, "infra/kubernetes/overlays", overlay, "manifests.yaml");

/** Reads the objects of an overlay, a file for clusters that SST did not create. */
export const written = (overlay: keyof typeof OVERLAYS): Manifest[] =>
  parseAllDocuments(readFileSync(fileOf(overlay), "utf8")).map((document) => {
    const [error] = document.errors;
    if (error) throw error;
    return v.parse(Manifest, document.toJS());
  });

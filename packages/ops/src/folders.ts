import { join } from "node:path";

// In this folder and no deeper one: a bundle is as deep as packages/ops/src (scripts/build-image.ts).

/** The project, or the tree of an image. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");
export const MIGRATIONS = join(ROOT, "migrations");

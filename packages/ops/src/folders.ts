import { join } from "node:path";

// This file must stay in this folder: a bundle has the same depth as packages/ops/src (scripts/build-image.ts).

/** The root folder of the project, or of an image. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");
export const MIGRATIONS = join(ROOT, "migrations");

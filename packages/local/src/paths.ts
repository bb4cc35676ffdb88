import { join, resolve } from "node:path";

/** The root of the project. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Where the development stack keeps its state: `.local`, or what `LOCAL_DIR` says. */
export const LOCAL_DIR = resolve(ROOT, process.env["LOCAL_DIR"] || ".local");

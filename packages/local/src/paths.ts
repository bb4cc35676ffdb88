import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";

/** The root of the project. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");

/** The settings in `.env`; what is set already wins over them. */
export function dotEnv(): NodeJS.Dict<string> {
  const file = join(ROOT, ".env");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}

/** Where the development stack keeps its state: `.local`, or what `LOCAL_DIR` says. */
export const LOCAL_DIR = resolve(ROOT, process.env["LOCAL_DIR"] || dotEnv()["LOCAL_DIR"] || ".local");

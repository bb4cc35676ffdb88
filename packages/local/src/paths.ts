import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";

/** The root of the project. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");

/** The settings in `.env`; environment variables take precedence. */
export function dotEnv(): NodeJS.Dict<string> {
  const file = join(ROOT, ".env");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}

/** The state directory of the development stack: `LOCAL_DIR`, by default `.local`. */
export const LOCAL_DIR = resolve(ROOT, process.env["LOCAL_DIR"] || dotEnv()["LOCAL_DIR"] || ".local");

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
export const CLIENT = join(ROOT, "packages", "client");

/** Builds the client in its published form: its manifest and `dist`. @returns a new directory */
export function buildClient(): string {
  const dir = mkdtempSync(join(tmpdir(), "gotong-client-"));
  for (const name of ["package.json", "README.md"]) cpSync(join(CLIENT, name), join(dir, name));
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [tsc, "-p", join(CLIENT, "tsconfig.build.json"), "--outDir", join(dir, "dist")]);
  return dir;
}

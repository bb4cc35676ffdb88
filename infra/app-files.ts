import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { PAGE } from "../packages/api/src/http/app-hosting.ts";
import { deployment } from "./stage.ts";

/** A file of the built app. */
interface AppFile {
  /** The URL path of the file, such as `/icons/icon.svg`. */
  readonly path: string;
  /** The local path of the file on the deployer's host. */
  readonly source: string;
}

/**
 * Lists the files of the app: those in GOTONG_APP_DIR, or those of a new build of packages/web, which takes about two
 * seconds.
 * @throws Error when the build fails, or the directory has no page
 */
function filesOfApp(): readonly AppFile[] {
  const { root } = $cli.paths;
  const directory = deployment.appDirectory ?? build(root);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((source) => ({ path: source.slice(directory.length).split(sep).join("/"), source }));
  if (!files.some(({ path }) => path === PAGE)) throw new Error(`${directory} is no built app: it has no ${PAGE}`);
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function build(root: string): string {
  const web = join(root, "packages", "web");
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  // Sets NODE_ENV, since a test runner's value would make Vite create a development build, which has no service
  // worker.
  const env = { ...process.env, NODE_ENV: "production" };
  execFileSync(process.execPath, [vite, "build", web, "--logLevel", "warn"], { cwd: root, env, stdio: "pipe" });
  return join(web, "dist");
}

export const FILES = filesOfApp();

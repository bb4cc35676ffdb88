import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { type Site, createSite } from "@gotong/api/http/site.ts";
import { ROOT } from "./paths.ts";
import { StartError } from "./start-error.ts";

const WEB = join(ROOT, "packages", "web");
const DIST = join(WEB, "dist");
/** Source files of the built app. */
const SOURCES = [
  ...["src", "sw", "build", "public", "index.html", "vite.config.ts"].map((name) => join(WEB, name)),
  join(ROOT, "packages", "client", "src"),
];

/** Builds the app unless its build is newer than all of its sources. @throws StartError with the output of a failed build */
export async function buildApp(): Promise<void> {
  const built = join(DIST, "index.html");
  if (existsSync(built) && statSync(built).mtimeMs >= Math.max(...SOURCES.map(newest))) return;
  const vite = join(ROOT, "node_modules", "vite", "bin", "vite.js");
  const output: Buffer[] = [];
  const code = await new Promise<number | null>((resolve, reject) => {
    // Sets NODE_ENV, since a test runner's value would make Vite create a development build, which has no service
    // worker.
    const env = { ...process.env, NODE_ENV: "production" };
    const child = spawn(process.execPath, [vite, "build", WEB, "--logLevel", "warn"], { cwd: ROOT, env });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("error", reject).on("close", resolve);
  });
  if (code !== 0) throw new StartError(`The app could not be built:\n${Buffer.concat(output).toString("utf8")}`);
}

function newest(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Serves the app with one-click logins of the demo's members, whose passwords are in `loginsFile`. */
export function demoSite(storageOrigin: string, loginsFile: string): Site {
  const edit = (html: string) => html.replace("<html ", "<html data-demo ");
  const site = createSite({ directory: DIST, storageOrigin, edit });
  return (request, response) => {
    if (request.url !== "/dev/logins.json") return site(request, response);
    if (!isOwnPage(request)) return false;
    const headers = { "content-type": "application/json", "cache-control": "no-store" };
    response.writeHead(200, headers).end(readFileSync(loginsFile));
    return true;
  };
}

/**
 * Returns whether a request comes from the app's own page. Pages of other sites must not read the passwords, also not
 * through a DNS name that points to this host.
 */
function isOwnPage(request: IncomingMessage): boolean {
  const host = request.headers.host ?? "";
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host) && request.headers["sec-fetch-site"] === "same-origin";
}

import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Plugin, transformWithOxc } from "vite";
import { readFile } from "node:fs/promises";

const SOURCE = join(import.meta.dirname, "..", "sw", "worker.ts");
/** Files in `public/` that the app needs offline. */
const PUBLIC = ["/manifest.webmanifest", "/icons/icon.svg"];

/**
 * Writes `/sw.js`: the service worker's code with the list of the build's files, and a version that changes with any of
 * them. Our own plugin, since workbox adds 15 KB and 170 packages for 60 lines of code (docs/adr/0025-web-app.md).
 */
export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    async generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
      const shell = ["/", ...PUBLIC, ...files.map((name) => `/${name}`)];
      const worker = await readFile(SOURCE, "utf8");
      const version = createHash("sha256")
        .update([worker, ...files.toSorted()].join("\n"))
        .digest("hex")
        .slice(0, 12);
      const source = worker
        .replace('"__VERSION__"', JSON.stringify(version))
        .replace('["__SHELL__"]', JSON.stringify(shell));
      const { code } = await transformWithOxc(source, "worker.ts");
      this.emitFile({ type: "asset", fileName: "sw.js", source: code });
    },
  };
}

import { join } from "node:path";
import type { Plugin } from "vite";

const SOURCE = join(import.meta.dirname, "..", "src", "early.ts");

/**
 * Builds `src/early.ts` as a file of its own, and loads it first in the page. Vite itself would bundle it with the other
 * scripts of the page, and it would run only after all of them have been loaded.
 */
export function firstScript(): Plugin {
  return {
    name: "first-script",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {} }) {
        const file = Object.values(bundle).find((one) => one.type === "chunk" && one.moduleIds.includes(SOURCE));
        if (file?.type !== "chunk" || file.imports.length > 0)
          throw new Error("The build has no chunk with src/early.ts that imports no other.");
        const attributes = { type: "module", async: true, crossorigin: true, src: `/${file.fileName}` };
        return [{ tag: "script", attrs: attributes, injectTo: "head-prepend" }];
      },
    },
  };
}

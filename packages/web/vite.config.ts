import { join } from "node:path";
import { defineConfig } from "vite";
import { serviceWorker } from "./build/service-worker.ts";

const FIRST =
  /preact|packages\/client\/|packages\/web\/src\/(app|router|theme|ui\/|data\/|texts\/(index|id)|pages\/(tasks|task|login|work\/position)\.)/;

export default defineConfig({
  root: import.meta.dirname,
  resolve: { alias: { "@gotong/client": join(import.meta.dirname, "..", "client", "src", "index.ts") } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [serviceWorker()],
  build: {
    target: "es2022",
    // Small pictures must stay files: `data:` is not in the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What the first list needs is one script: on a poor network each further one costs a round trip of 400 ms.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "app", test: FIRST }] } } },
  },
});

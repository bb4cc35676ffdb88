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
    // Keeps small pictures as files, since the page's policy forbids `data:` URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Puts all code of the first list into one script: on a slow network each further script costs a round trip of 400
    // ms.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "app", test: FIRST }] } } },
  },
});

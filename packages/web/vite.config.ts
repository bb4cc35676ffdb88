import { join } from "node:path";
import { defineConfig } from "vite";
import { firstScript } from "./build/first-script.ts";
import { serviceWorker } from "./build/service-worker.ts";

const FIRST =
  /preact|packages\/client\/|packages\/web\/src\/(app|router|theme|ui\/|data\/|texts\/(index|id)|pages\/(tasks|task|task-steps|login|work\/position)\.)/;

/** The page's first script, which must not import the others: see build/first-script.ts. */
const EARLY = /packages\/web\/src\/(early|texts\/choice|data\/storage)\./;

export default defineConfig({
  root: import.meta.dirname,
  resolve: { alias: { "@gotong/client": join(import.meta.dirname, "..", "client", "src", "index.ts") } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [firstScript(), serviceWorker()],
  build: {
    target: "es2022",
    // Keeps small pictures as files, since the page's policy forbids `data:` URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Puts all code of the first list into one script: on a slow network each further script costs a round trip of 400
    // ms.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "early", test: EARLY, priority: 1 },
            { name: "app", test: FIRST },
          ],
        },
      },
    },
  },
});

import { stage } from "../stage.ts";
import { createApi } from "./api.ts";
import { createWorkers } from "./workers.ts";

// Imported by sst.config.ts only where the stage has pods.
if (stage.pods) {
  createWorkers(stage.pods);
  if (stage.pods.api) createApi(stage.pods.api);
}

export {};

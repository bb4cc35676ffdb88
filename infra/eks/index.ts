import { stage } from "../stage.ts";
import { createApi } from "./api.ts";
import { createWorkers } from "./workers.ts";

// sst.config.ts imports this file only if the stage has EKS.
if (stage.pods) {
  createWorkers(stage.pods);
  if (stage.pods.api) createApi(stage.pods.api);
}

export {};

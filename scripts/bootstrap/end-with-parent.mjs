// Preloaded into every program that scripts/bootstrap/run.mjs starts.
import { isMainThread } from "node:worker_threads";
import { endWithParent } from "./parent.mjs";

if (isMainThread) endWithParent();

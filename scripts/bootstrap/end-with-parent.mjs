// Loaded first into whatever scripts/bootstrap/run.mjs runs.
import { isMainThread } from "node:worker_threads";
import { endWithParent } from "./parent.mjs";

if (isMainThread) endWithParent();

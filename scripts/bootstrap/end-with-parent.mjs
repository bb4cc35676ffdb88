// scripts/bootstrap/run.mjs preloads this module into every program that it starts.
import { isMainThread } from "node:worker_threads";
import { endWithParent } from "./parent.mjs";

if (isMainThread) endWithParent();

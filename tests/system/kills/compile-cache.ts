import { flushCompileCache } from "node:module";

// Loaded first into what will be killed: what it compiled is written down while it still lives, and the next one starts sooner.
setTimeout(flushCompileCache, 2_000).unref();

import { setTimeout as sleep } from "node:timers/promises";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { RateLimiter } from "@gotong/core/webhook/index.ts";

// A sender process. It takes slots of the rate limiter as fast as possible, and prints the number of slots and of Redis
// timeouts.
const [milliseconds = "0"] = process.argv.slice(2);
let alone = 0;
Log.to((line) => void (alone += line.includes("redis does not answer") ? 1 : 0));
const end = performance.now() + Number(milliseconds);
let taken = 0;
while (performance.now() < end) {
  const waitMs = await RateLimiter.wait(0, new Date());
  if (waitMs === 0) taken += 1;
  else await sleep(Math.min(waitMs, 20));
}
process.stdout.write(JSON.stringify({ taken, alone }));
await Cache.close();

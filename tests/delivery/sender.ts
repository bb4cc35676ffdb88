import { setTimeout as sleep } from "node:timers/promises";
import { Cache } from "@gotong/core/cache/index.ts";
import { Log } from "@gotong/core/log.ts";
import { Pace } from "@gotong/core/delivery/pace.ts";

// A sender as a process of its own: takes turns as fast as it gets them, and says how many at the end.
const [milliseconds = "0"] = process.argv.slice(2);
Log.to(() => undefined);
const end = performance.now() + Number(milliseconds);
let taken = 0;
while (performance.now() < end) {
  const waitMs = await Pace.wait(0, new Date());
  if (waitMs === 0) taken += 1;
  else await sleep(Math.min(waitMs, 20));
}
process.stdout.write(`${taken}\n`);
await Cache.close();

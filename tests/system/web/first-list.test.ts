import type { BrowserContext } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "../../harness/chromium.ts";
import { taskInput } from "../../harness/factories.ts";
import { usePlatform } from "../../harness/platform.ts";
import { sized } from "../../harness/size.ts";
import { openPage, signIn, useApp } from "./browser.ts";

const ROUNDS = 5;
/**
 * The network and processor of a prepaid phone in a village: 400 kbit/s, 400 ms for each request, and a quarter of this
 * processor's speed.
 */
const NETWORK = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const SLOWDOWN = 4;

const medianOf = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Milliseconds from the start of the navigation until the first task is painted. */
async function timeOf(context: BrowserContext, isCached: boolean): Promise<number> {
  const { page } = await openPage(context);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.setBypassServiceWorker", { bypass: true });
  await session.send("Network.setCacheDisabled", { cacheDisabled: !isCached });
  await session.send("Network.emulateNetworkConditions", NETWORK);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  await page.addInitScript(`new MutationObserver((_, self) => {
    if (!document.querySelector("a.card")) return;
    self.disconnect();
    requestAnimationFrame(() => setTimeout(() => { globalThis.firstListMs = performance.now(); }));
  }).observe(document, { childList: true, subtree: true })`);
  await page.goto("/");
  await page.locator("a.card").first().waitFor();
  const time = Number(
    await page.evaluate("new Promise((done) => setTimeout(() => done(globalThis.firstListMs), 200))"),
  );
  await page.close();
  return time;
}

// Only measures and prints figures for docs/app.md; app.test.ts asserts the bytes and the order of requests.
describe.skipIf(chromiumPath === undefined || sized(0, 1) === 0)(
  "measurement of the first list on a slow phone",
  () => {
    const platform = usePlatform({ workers: false });
    const app = useApp(platform);

    test.each(["id", "en"] as const)(
      "the median time until the app in the language %s shows its first task is printed",
      async (language) => {
        const person = await platform.person();
        for (let count = 0; count < 20; count += 1)
          await person.post(
            "/v1/tasks",
            taskInput({ title: `Tugas nomor ${count}`, description: "Bawa sarung tangan." }),
          );
        const context = await app.context({ language });
        await context.addInitScript("indexedDB.deleteDatabase('gotong-royong')");
        const { page } = await openPage(context);
        await signIn(page, person);
        await page.close();
        for (const isCached of [false, true]) {
          const times: number[] = [];
          for (let round = 0; round < ROUNDS; round += 1) times.push(await timeOf(context, isCached));
          const all = times.map((time) => Math.round(time));
          process.stdout.write(
            `first list, ${language}, files ${isCached ? "cached" : "not cached"}: ${medianOf(all)} ms of ${String(all)}\n`,
          );
          expect(medianOf(all)).toBeGreaterThan(0);
        }
      },
    );
  },
);

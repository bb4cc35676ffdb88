import { createServer, get } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Server, serve } from "@gotong/api/serve.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { DeliverySwitch } from "@gotong/core/webhook/index.ts";
import { CREDENTIALS } from "@gotong/local/aws.ts";
import { type Observer, observe } from "@gotong/local/observe/observer.ts";
import { parseScrape, quantileOf, rateOf, sumOf } from "@gotong/local/observe/sample.ts";
import { chromiumPath, launch } from "../../harness/chromium.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const at = (ms: number, text: string) => ({ at: ms, scrapes: [parseScrape(text)], depths: {} });

test("rates and quantiles are computed from counter increments, and a restart causes no negative rate", () => {
  const before = at(
    0,
    `http_requests_total{method="GET",status="200"} 10
http_requests_total{method="GET",status="503"} 1
d_bucket{le="0.1"} 10
d_bucket{le="0.2"} 10
d_bucket{le="+Inf"} 10`,
  );
  const now = at(
    2000,
    `# HELP http_requests_total x
http_requests_total{method="GET",status="200"} 30
http_requests_total{method="GET",status="503"} 5
d_bucket{le="0.1"} 20
d_bucket{le="0.2"} 30
d_bucket{le="+Inf"} 30`,
  );
  expect(rateOf(before, now, (one) => sumOf(one, "http_requests_total"))).toBe(12);
  expect(rateOf(before, now, (one) => sumOf(one, "http_requests_total", (key) => key.includes('"5')))).toBe(2);
  expect(rateOf({ ...now, at: 0 }, { ...before, at: 2000 }, (one) => sumOf(one, "http_requests_total"))).toBe(0);
  expect(quantileOf(before, now, "d", 0.5)).toBeCloseTo(0.1, 5);
  expect(quantileOf(before, now, "d", 0.75)).toBeCloseTo(0.15, 5);
  expect(quantileOf(now, now, "d", 0.5)).toBeUndefined();
});

describe.skipIf(chromiumPath === undefined)("npm run observe, in Chromium", () => {
  const platform = usePlatform({ workers: true });
  let browser: Browser;
  let api: Server;
  let observer: Observer;
  beforeAll(async () => {
    Config.use({ ...platform.variables, HOST: "127.0.0.1", PORT: "0" });
    api = await serve();
    observer = await observe(
      {
        processes: [{ name: "API", url: `http://127.0.0.1:${api.port}` }],
        queues: {
          endpoint: platform.aws.endpoint,
          urls: platform.variables,
          accessKeyId: CREDENTIALS.accessKey,
          secretAccessKey: CREDENTIALS.secretKey,
        },
      },
      0,
    );
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await observer.stop();
    await api.close();
  });

  test("the charts of npm run observe show the stack's load without scripts or other hosts", async () => {
    const page = await browser.newPage();
    const problems: string[] = [];
    const hosts = new Set<string>();
    page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
    page.on("pageerror", (error) => void problems.push(error.message));
    page.on("request", (request) => hosts.add(new URL(request.url()).host));
    const answer = await page.goto(observer.url);
    expect(answer?.headers()["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'self';/);
    const labels = async () =>
      Promise.all((await page.getByRole("img").all()).map((one) => one.getAttribute("aria-label")));
    const label = async (title: string) => (await labels()).find((one) => one?.startsWith(`${title}: `)) ?? "";
    await expect.poll(() => label("Queue depths")).toMatch(/deliveries \d+/);
    expect(await page.locator("script").count()).toBe(0);

    const person = await platform.person();
    await contributionOf(person);
    await until(
      async () => {
        for (let count = 0; count < 20; count += 1) await fetch(`http://127.0.0.1:${api.port}/live`);
        return label("Requests");
      },
      (one) => /all [1-9]/.test(one),
    );
    await until(
      async () => {
        await fetch(`http://127.0.0.1:${api.port}/live`);
        return label("Time to answer");
      },
      (one) => /p95 [\d.]+ ms/.test(one),
    );
    expect(await label("Deliveries")).toMatch(/accepted [\d.]+\/s, failed [\d.]+\/s/);
    expect(await label("Database connections in use")).toMatch(/all processes \d+/);
    expect(await label("Circuit breaker")).toContain("pauses deliveries (1) 0");
    await DeliverySwitch.get().pause(60_000);
    await expect.poll(() => label("Circuit breaker")).toContain("pauses deliveries (1) 1");
    await DeliverySwitch.get().resume();
    expect(await page.locator("polyline").count()).toBeGreaterThan(5);
    expect(problems).toEqual([]);
    expect([...hosts]).toEqual([new URL(observer.url).host]);
  });

  test("npm run observe reports a stack that does not respond", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const address = gone.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => gone.close(resolve));
    const lonely = await observe({ processes: [{ name: "API", url: `http://127.0.0.1:${port}` }] }, 0);
    try {
      const page = await browser.newPage();
      await page.goto(lonely.url);
      await page.getByRole("alert").getByText("does not answer").waitFor();
    } finally {
      await lonely.stop();
    }
  });

  test("npm run observe rejects requests with another Host header", async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const { port } = new URL(observer.url);
      get({ host: "127.0.0.1", port, headers: { host: "evil.example" } }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).on("error", reject);
    });
    expect(status).toBe(421);
  });
});

import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type RequestListener, type Server, createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { type BrowserContext, type Page, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "@gotong/api/app.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { chromiumPath } from "../../harness/chromium.ts";
import { buildClient } from "../../harness/client-package.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, until } from "../../harness/scenes.ts";

/** A page that loads the published client without a bundler. The tests send it commands. */
const PAGE = `<!doctype html><title>client</title><script type="module">
import { GotongClient, ProblemError, storageTokens } from "/client/index.js";
const signIn = async (baseUrl, account, refreshed) => {
  const client = new GotongClient({ baseUrl, onTokens: (tokens) => refreshed.push(Boolean(tokens)) });
  await client.login(account);
  return client;
};
window.work = {
  async upload(baseUrl, account, contributionId, base64, takenAt) {
    const client = await signIn(baseUrl, account, []);
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const parts = [];
    const evidence = await client.uploadEvidence(contributionId, new File([bytes], "drain.jpg", { type: "image/jpeg" }),
      { takenAt: new Date(takenAt), onProgress: (part) => parts.push(part) });
    return { evidence, parts };
  },
  async begin(baseUrl, account) {
    window.tokens = [];
    window.client = await signIn(baseUrl, account, window.tokens);
  },
  // Signs in with a session in localStorage, which all tabs share.
  async share(baseUrl, account) {
    window.client = new GotongClient({ baseUrl, store: storageTokens(localStorage) });
    if (account) await window.client.login(account);
  },
  me: () => window.client.call("getMe"),
  tokens: () => window.tokens,
  // Signs in and returns the result as a string, for the test of a page whose origin is not allowed.
  failure: (baseUrl, account) => signIn(baseUrl, account, []).then(() => "signed in", (error) => error.name + " " + error.code),
  refusal: () => window.client.call("getTask", { path: { task_id: "01890000-0000-7000-8000-000000000000" } })
    .then(() => "found", (error) => [error instanceof ProblemError, error.code, Boolean(error.requestId)]),
};
</script>`;

const BROWSER_FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
];

describe.skipIf(chromiumPath === undefined)("in a browser", () => {
  const platform = usePlatform({ workers: true });
  const servers: Server[] = [];
  const profile = mkdtempSync(join(tmpdir(), "gotong-browser-"));
  let dist = "";
  let context: BrowserContext;
  let api = "";
  let pages = "";
  let otherPages = "";

  async function listen(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    const address = server.address();
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  }

  const servePage: RequestListener = ({ url = "/" }, response) => {
    const file = /^\/client\/([\w-]+\.js)$/.exec(url)?.[1];
    if (file === undefined) return void response.setHeader("content-type", "text/html").end(PAGE);
    response.setHeader("content-type", "text/javascript").end(readFileSync(join(dist, "dist", file)));
  };

  beforeAll(async () => {
    dist = buildClient();
    [pages, otherPages] = [await listen(servePage), await listen(servePage)];
    Config.use({ ...platform.variables, CORS_ORIGINS: pages });
    const answer = getRequestListener(createApp().fetch);
    api = await listen((request, response) => void answer(request, response));
    context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath ?? "",
      chromiumSandbox: false, // the sandbox does not work as root, nor in most containers; the browser opens only our own page
      args: BROWSER_FLAGS,
    });
  });
  afterAll(async () => {
    await context.close();
    for (const server of servers) server.closeAllConnections();
    for (const server of servers) server.close();
    for (const dir of [profile, dist]) rmSync(dir, { recursive: true, force: true });
  });

  async function open(origin: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(origin);
    await page.waitForFunction("window.work !== undefined");
    return page;
  }
  const work = (page: Page, name: string, ...given: readonly unknown[]): Promise<unknown> =>
    page.evaluate(`work.${name}(...${JSON.stringify(given)})`);
  const account = ({ email, password }: Person) => ({ email, password });

  test("in a browser, the published client signs in, hashes a photo and uploads it with progress, and the photo is accepted", async () => {
    const person = await platform.person();
    const contributionId = await contributionOf(person);
    const { bytes, timestamp, declared } = photograph();
    const page = await open(pages);
    const base64 = Buffer.from(bytes).toString("base64");
    const done = await work(page, "upload", api, account(person), contributionId, base64, timestamp);
    expect(done).toMatchObject({ evidence: { status: "examining", media_hash: declared.sha256 } });
    const parts = Object(done).parts;
    expect([parts.length > 1, parts.at(-1), parts]).toEqual([true, 1, parts.toSorted((a: number, b: number) => a - b)]);
    const id = String(Object(done).evidence.id);
    const examined = await until(
      async () => (await person.get(`/v1/evidence/${id}`)).json["status"],
      (status) => String(status) !== "examining",
    );
    expect(examined).toBe("accepted");
  });

  test("in a browser, a session outlives its access token, and a problem from another origin has its code and request id", async () => {
    const person = await platform.person();
    const page = await open(pages);
    await work(page, "begin", api, account(person));
    const back = Clock.set(() => new Date(Date.now() + 901_000));
    try {
      expect(await work(page, "me")).toMatchObject({ id: person.id });
      expect(await work(page, "tokens")).toEqual([true, true]);
    } finally {
      back();
    }
    expect(await work(page, "refusal")).toEqual([true, "NOT_FOUND", true]);
  });

  test("two browser tabs share a session in localStorage, and refreshing it in turn and concurrently keeps it valid", async () => {
    const person = await platform.person();
    const [one, other] = [await open(pages), await open(pages)];
    await work(one, "share", api, account(person));
    await work(other, "share", api);
    const sessions = () =>
      platform.sql`select count(*)::int as used from refresh_tokens where user_id = ${person.id} and used_at is not null`;
    for (const [round, seconds] of [901, 1_900].entries()) {
      const back = Clock.set(() => new Date(Date.now() + seconds * 1000));
      try {
        const turns = round === 0 ? [[one], [other]] : [[one, other]];
        for (const [turn, tabs] of turns.entries()) {
          Clock.set(() => new Date(Date.now() + (seconds + turn * 60) * 1000));
          const answers = await Promise.all(tabs.map((tab) => work(tab, "me")));
          expect(answers).toEqual(tabs.map(() => expect.objectContaining({ id: person.id })));
        }
      } finally {
        back();
      }
      expect(await sessions()).toEqual([{ used: round + 1 }]);
    }
  });

  test("a page of an origin that is not allowed gets no response from the API", async () => {
    const person = await platform.person();
    const page = await open(otherPages);
    expect(await work(page, "failure", api, account(person))).toBe("TypeError undefined");
  });
});

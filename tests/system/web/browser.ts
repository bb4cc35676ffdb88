import { join } from "node:path";
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { createSite } from "@gotong/api/http/site.ts";
import { type Server, serve } from "@gotong/api/serve.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { buildApp } from "@gotong/local/web.ts";
import { desktopChromiumPath, launch } from "../../harness/chromium.ts";
import type { Person, Platform } from "../../harness/platform.ts";
import { until } from "../../harness/scenes.ts";

export const PHONE = { width: 360, height: 740 };
export const DESKTOP = { width: 1280, height: 800 };
const ROOT = join(import.meta.dirname, "..", "..", "..");
const PLACE = { latitude: -6.9147, longitude: 107.6098 };

export interface App {
  readonly origin: string;
  /** Sets settings of the platform in addition to those of the tests; `{}` restores them. */
  configure(more: Readonly<Record<string, string>>): void;
  /** A new browser profile, like that of another person or device. */
  context(options?: {
    size?: typeof PHONE;
    language?: "id" | "en";
    theme?: "light" | "dark";
    /** The origin of another server of the app. */
    origin?: string;
    /** `block` disables the service worker, since `page.route` does not see the worker's own requests. */
    serviceWorkers?: "allow" | "block";
    /** Whether the browser must display notifications, for which Chromium needs its user interface. */
    hasNotifications?: boolean;
  }): Promise<BrowserContext>;
}

/** The built app with the platform's API on one origin, and a real Chromium. */
export function useApp(platform: Platform): App {
  let browser: Browser;
  let desktop: Browser | undefined;
  let server: Server;
  let settings: Record<string, string> = {};
  const app = { origin: "" };
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    await buildApp();
    const PUSH_KEY = "a push key of the tests of the app, and of them alone";
    settings = { ...platform.variables, PUSH_KEY, STAGE: "dev", HOST: "127.0.0.1", PORT: "0" };
    Config.use(settings);
    const storageOrigin = new URL(platform.aws.endpoint).origin;
    server = await serve(createSite({ directory: join(ROOT, "packages", "web", "dist"), storageOrigin }));
    app.origin = `http://localhost:${server.port}`;
    browser = await launch();
  });
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser.close();
    await desktop?.close();
    await server.close();
  });
  return {
    get origin() {
      return app.origin;
    },
    configure: (more) => Config.use({ ...settings, ...more }),
    async context({
      size = PHONE,
      language = "id",
      theme = "light",
      origin = app.origin,
      serviceWorkers = "allow",
      hasNotifications = false,
    } = {}) {
      if (hasNotifications) desktop ??= await launch(desktopChromiumPath);
      const context = await (hasNotifications && desktop ? desktop : browser).newContext({
        viewport: size,
        locale: language === "id" ? "id-ID" : "en-GB",
        colorScheme: theme,
        geolocation: PLACE,
        permissions: ["geolocation", "notifications"],
        baseURL: origin,
        serviceWorkers,
      });
      contexts.push(context);
      return context;
    },
  };
}

/** A page whose errors, such as violations of its policy, fail the test that calls `assertQuiet`. */
export async function openPage(context: BrowserContext): Promise<{ page: Page; errors: string[]; hosts: Set<string> }> {
  const page = await context.newPage();
  const errors: string[] = [];
  const hosts = new Set<string>();
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // Chromium logs each rejected request as an error, but the page explains the rejection to the member.
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) errors.push(message.text());
  });
  // The first listener makes Chromium report file choosers, which takes a moment: added only just before a click or a key,
  // it came too late in 3 of 10 runs on a busy host, and the chooser was never reported.
  page.on("filechooser", () => undefined);
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  return { page, errors, hosts };
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto("/login");
  await page.locator("input[name=email]").fill(person.email);
  await page.locator("input[name=password]").fill(person.password);
  await page.locator("button[type=submit]").click();
  // The page of a member who was signed in before has the navigation already.
  await page.waitForURL((url) => url.pathname !== "/login");
  await page.locator("nav.main").waitFor();
}

/** Waits until a page shows its data and no animation runs. */
export async function settled(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  // The debugger evaluates this expression: the page's policy forbids the `eval` that Playwright's own waiting uses.
  await until(
    () => page.locator("main").innerText(),
    (text) => !/Memuat …|Loading …/.test(text),
  );
}

/** Violations of WCAG 2.2 A and AA, one per line. */
export async function violations(page: Page): Promise<string[]> {
  // axe takes a control for too small if the bar at the bottom of a phone covers a part of it, which depends on how far the
  // page was scrolled for the last click.
  await page.evaluate("scrollTo(0, 0)");
  // The debugger evaluates this expression, since the page's policy does not apply to it.
  await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(
    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' | ')))",
  );
  return Array.isArray(found) ? found.map(String) : ["axe answered nothing"];
}

/** Elements that are wider than the window, which would require horizontal scrolling. */
export const overflow = (page: Page): Promise<unknown> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

export const assertQuiet = (errors: readonly string[]) => expect(errors).toEqual([]);

// Draws docs/screens/: each page of the app in both sizes, themes and languages, one picture for each page. Start an own
// stack first, and wait until its village is complete:
//   OPEN_TASKS=true npm run dev -- --fresh
//   node scripts/bootstrap/run.mjs scripts/screens.ts http://localhost:3000
// With names of pictures behind the address, it draws these alone.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";
import sharp from "sharp";
import { ADMIN_PAGES, MEMBER_PAGES, PUBLIC_PAGES, VERIFIER_PAGES, pathWith } from "./app-pages.ts";

const FOLDER = join(import.meta.dirname, "..", "docs", "screens");
const origin = process.argv[2] ?? "http://localhost:3000";
const only = new Set(process.argv.slice(3));
/** The list of open tasks below the login; the picture of the login itself shows the top of the page. */
const OPEN_TASKS = "open-tasks";
const HEIGHT = 740;
const SIZES = { phone: { width: 360, height: HEIGHT }, desktop: { width: 1280, height: 800 } };
const DESKTOP_WIDTH = Math.round((SIZES.desktop.width * HEIGHT) / SIZES.desktop.height / 1.6);
const GAP = 12;
const QUALITY = 40;
const PICTURE_WIDTH = 1240;
/** Languages and themes of the four rows; each has a phone and a desktop. */
const LOOKS = [
  ["id", "light"],
  ["id", "dark"],
  ["en", "light"],
  ["en", "dark"],
] as const;

/** The logins of the demo, each with the pages that it opens, by the file name of their picture. */
const LOGINS = [
  [undefined, { ...PUBLIC_PAGES, reset: `${PUBLIC_PAGES.reset}#token=demo`, [OPEN_TASKS]: "/login" }],
  ["budi", MEMBER_PAGES],
  ["agus", VERIFIER_PAGES],
  ["wulan", ADMIN_PAGES],
] as const;

async function settle(page: Page): Promise<void> {
  await page.locator("main h1").first().waitFor();
  for (let attempt = 0; attempt < 50; attempt += 1) {
    // The page shows "…" in place of a name that it is still reading.
    if (!/Memuat …|Loading …|(?:^|\s)…(?:\s|$)/.test(await page.locator("main").innerText())) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.goto("/login");
  await page.getByRole("button", { name: new RegExp(`^${name} ·`) }).click();
  await page.locator("nav.main").waitFor();
}

/** Ids that the addresses of some pages contain, read as the member. */
async function idsOf(page: Page): Promise<Readonly<Record<string, string>>> {
  const first = async (address: string, link: string, nth = 0) => {
    await page.goto(address);
    const found = page.locator(`main a.card[href^='${link}'], main dd a[href^='${link}']`).nth(nth);
    const href = await found.getAttribute("href", { timeout: 5000 }).catch(() => null);
    return href?.split("/").at(-1) ?? "";
  };
  const task = await first("/", "/tasks/", 1);
  await page.goto("/work");
  await page.getByRole("button", { name: "Selesai" }).click();
  const link = page.locator("main a[href^='/contributions/']").first();
  const contribution = (await link.getAttribute("href", { timeout: 5000 }).catch(() => null))?.split("/").at(-1) ?? "";
  const member = await first(`/tasks/${task}`, "/members/");
  return { task, contribution, member };
}

const browser: Browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  chromiumSandbox: false,
});
const pictures: Record<string, { picture: Buffer; row: number; isPhone: boolean }[]> = {};
let ids: Readonly<Record<string, string>> = {};

async function draw(
  context: BrowserContext,
  row: number,
  isPhone: boolean,
  pages: Readonly<Record<string, string>>,
  name?: string,
) {
  const page = await context.newPage();
  if (name !== undefined) await signIn(page, name);
  if (name === "budi" && ids["task"] === undefined) ids = await idsOf(page);
  for (const [file, path] of Object.entries(pages)) {
    if (only.size > 0 && !only.has(file)) continue;
    await page.goto(pathWith(path, ids));
    await settle(page);
    if (file === OPEN_TASKS) await page.locator("main > section.stack").evaluate((list) => list.scrollIntoView());
    const picture = await page.screenshot({ animations: "disabled" });
    (pictures[file] ??= []).push({ picture, row, isPhone });
  }
}

for (const [row, [language, theme]] of LOOKS.entries())
  for (const [size, viewport] of Object.entries(SIZES))
    for (const [name, pages] of LOGINS) {
      const context = await browser.newContext({
        viewport,
        baseURL: origin,
        locale: language === "id" ? "id-ID" : "en-GB",
        colorScheme: theme,
        timezoneId: "Asia/Jakarta",
        serviceWorkers: "block",
      });
      await draw(context, row, size === "phone", pages, name);
      await context.close();
    }
await browser.close();

if (only.size === 0) rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const width = 2 * (SIZES.phone.width + DESKTOP_WIDTH + 2 * GAP) - GAP;
for (const [file, all] of Object.entries(pictures)) {
  const parts = await Promise.all(
    all.map(async ({ picture, row, isPhone }) => ({
      input: isPhone ? picture : await sharp(picture).resize({ width: DESKTOP_WIDTH }).png().toBuffer(),
      left: (row % 2) * (SIZES.phone.width + DESKTOP_WIDTH + 2 * GAP) + (isPhone ? 0 : SIZES.phone.width + GAP),
      top: Math.floor(row / 2) * (HEIGHT + GAP),
    })),
  );
  const sheet = sharp({ create: { width, height: 2 * HEIGHT + GAP, channels: 3, background: "#888888" } });
  // Composes the picture at full size first, since sharp would resize before it composes.
  const whole = await sheet.composite(parts).png().toBuffer();
  const picture = await sharp(whole).resize({ width: PICTURE_WIDTH }).webp({ quality: QUALITY }).toBuffer();
  writeFileSync(join(FOLDER, `${file}.webp`), picture);
}
process.stdout.write(`${Object.keys(pictures).length} pictures in docs/screens\n`);

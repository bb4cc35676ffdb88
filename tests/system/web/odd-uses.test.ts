import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "../../harness/chromium.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, until } from "../../harness/scenes.ts";
import { assertQuiet, openPage, overflow, settled, signIn, useApp, violations } from "./browser.ts";

const taskOf = async (creator: Person, more: Parameters<typeof taskInput>[0]): Promise<string> => {
  const answer = await creator.post("/v1/tasks", taskInput({ description: "Bawa sarung tangan.", ...more }));
  return String(answer.json["id"]);
};
/** Taps twice at the middle of a button, as fast as a nervous finger; the second tap arrives after the page has changed. */
async function tapTwice(page: Page, name: string, pauseMs: number): Promise<void> {
  const box = await page.getByRole("button", { name, exact: true }).boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2];
  await page.mouse.click(x, y);
  await page.waitForTimeout(pauseMs);
  await page.mouse.click(x, y);
}

const DENY_STORAGE = `for (const name of ["localStorage", "sessionStorage", "indexedDB"]) Object.defineProperty(window, name, { get() { throw new DOMException("The site data is blocked.", "SecurityError"); } });`;

describe.skipIf(chromiumPath === undefined)("unusual uses of the app in Chromium", () => {
  const platform = usePlatform({ workers: true });
  const app = useApp(platform);

  test("in a browser that denies all storage and service workers, a member signs in, reads and publishes a task", async () => {
    const person = await platform.person();
    const { page, errors } = await openPage(await app.context({ serviceWorkers: "block" }));
    await page.addInitScript(DENY_STORAGE);
    await signIn(page, person);
    await page.getByRole("link", { name: "Buat", exact: true }).click();
    await page.getByLabel("Apa yang perlu dikerjakan?").fill("Sapu lapangan");
    await page.getByLabel("Penjelasan").fill("Pagi saja.");
    await page.getByRole("button", { name: "Terbitkan tugas" }).click();
    await page.waitForURL(/\/tasks\/[\da-f-]{36}$/);
    await page.getByRole("heading", { name: "Sapu lapangan" }).waitFor();
    assertQuiet(errors);
  });

  test("a deep link that is opened without a session is shown after the login, also after a detour over the registration", async () => {
    const [creator, person] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, { title: "Perbaiki atap" });
    const { page } = await openPage(await app.context());
    await page.goto(`/tasks/${taskId}`);
    // A link to the login would lose the task.
    await page.getByRole("heading", { name: "Masuk" }).waitFor();
    expect(await page.getByRole("link", { name: "Masuk", exact: true }).count()).toBe(0);
    await page.getByRole("link", { name: "Daftar", exact: true }).first().click();
    await page.getByRole("link", { name: /Masuk/ }).last().click();
    await page.waitForURL("**/login");
    await page.getByLabel("Alamat email").fill(person.email);
    await page.getByLabel("Kata sandi").fill(person.password);
    await page.getByRole("button", { name: "Masuk", exact: true }).click();
    await page.getByRole("heading", { name: "Perbaiki atap" }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/tasks/${taskId}`);

    await page.goto("/login");
    await page.getByText("Anda sudah masuk sebagai").waitFor();
  });

  test("a link that an admin creates admits a newcomer, and its list entry states who has joined", async () => {
    const admin = await platform.person(["admin"]);
    const { page, errors } = await openPage(await app.context());
    await signIn(page, admin);
    await page.goto("/me/invitations");
    await page.getByLabel("Untuk berapa orang?").fill("3");
    await page.getByRole("button", { name: "Buat tautan" }).click();
    const link = await page.getByLabel("Tautan undangan").inputValue();
    expect(await violations(page)).toEqual([]);
    const guest = await openPage(await app.context());
    await guest.page.goto(`/register${new URL(link).hash}`);
    const name = `warga${Date.now()}`;
    await guest.page.getByLabel("Nama pengguna").fill(name);
    await guest.page.getByLabel("Alamat email").fill(`${name}@example.com`);
    await guest.page.getByLabel("Kata sandi").fill("kuda baterai jepit benar");
    await guest.page.getByRole("button", { name: "Daftar", exact: true }).click();
    await guest.page.locator("nav.main").waitFor();
    await page.reload();
    await page.getByText("Tautan: 1 dari 3 orang mendaftar").waitFor();
    await page.getByRole("link", { name: new RegExp(name) }).waitFor();
    for (const one of [errors, guest.errors]) assertQuiet(one);
  });

  test("“back” closes an open dialog and not the page behind it, and leads past a published task's form", async () => {
    const [creator, person] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, { title: "Bersihkan sungai" });
    const { page } = await openPage(await app.context());
    await signIn(page, person);
    await page.getByRole("link", { name: "Bersihkan sungai" }).click();
    await page.getByRole("button", { name: "Laporkan", exact: true }).first().click();
    await page.getByRole("dialog").getByRole("combobox").selectOption("spam");
    await page.goBack();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(new URL(page.url()).pathname).toBe(`/tasks/${taskId}`);
    // A dialog that was closed without “back” leaves no entry in the history. The pause is longer than a double tap.
    await page.waitForTimeout(600);
    await page.getByRole("button", { name: "Laporkan", exact: true }).first().click();
    await page.getByRole("dialog").getByRole("button", { name: "Tutup" }).click();
    await until(
      () => page.evaluate("history.state?.sheet ?? false"),
      (isOpen) => isOpen === false,
    );
    await page.goBack();
    await page.waitForURL((url) => url.pathname === "/");

    await page.getByRole("link", { name: "Buat", exact: true }).click();
    await page.getByLabel("Apa yang perlu dikerjakan?").fill("Cat gapura");
    await page.getByLabel("Penjelasan").fill("Cat ada.");
    await page.getByRole("button", { name: "Terbitkan tugas" }).click();
    await page.getByRole("heading", { name: "Cat gapura" }).waitFor();
    await page.goBack();
    await page.waitForURL((url) => url.pathname === "/");
  });

  test.each([
    ["with a network", 120, false],
    ["without a network", 40, true],
  ])("a double tap claims a task once and does not start it, %s", async (_, pauseMs, isOffline) => {
    const [creator, person] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, { title: "Gotong kayu" });
    const context = await app.context();
    const { page } = await openPage(context);
    await signIn(page, person);
    await page.goto(`/tasks/${taskId}`);
    await page.getByRole("button", { name: "Ambil tugas ini" }).waitFor();
    await page.getByText("Belum ada komentar.").waitFor();
    const keys = new Set<string>();
    page.on("request", (request) => {
      if (/\/(claim|start)$/.test(request.url())) keys.add(`${request.url()} ${request.headers()["idempotency-key"]}`);
    });
    await context.setOffline(isOffline);
    await tapTwice(page, "Ambil tugas ini", pauseMs);
    if (isOffline) {
      await page.getByRole("link", { name: "1 menunggu" }).waitFor();
      // Further taps do not repeat an act that already waits.
      await page.waitForTimeout(600);
      await page.getByRole("button", { name: "Ambil tugas ini" }).click();
      await page.waitForTimeout(100);
      expect(await page.getByRole("link", { name: "1 menunggu" }).count()).toBe(1);
      await context.setOffline(false);
    }
    await page.getByRole("button", { name: "Mulai", exact: true }).waitFor();
    expect(keys.size).toBe(1);
    expect((await person.get(`/v1/tasks/${taskId}`)).json["status"]).toBe("assigned");
  });

  test("a double tap on “approve”, and a key that stays pressed, judge one contribution and not the next", async () => {
    const verifier = await platform.person(["verifier"]);
    for (const person of [await platform.person(), await platform.person(), await platform.person()])
      await contributionOf(person);
    const { page } = await openPage(await app.context());
    await signIn(page, verifier);
    let votes = 0;
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/verifications")) votes += 1;
    });
    await page.getByRole("link", { name: "Periksa" }).click();
    await page.getByRole("button", { name: "Setuju" }).waitFor();
    await tapTwice(page, "Setuju", 150);
    await page.getByText("Suara “setuju” tersimpan.").waitFor();
    await page.getByRole("button", { name: "Setuju", disabled: false }).waitFor();
    await page.waitForTimeout(700);
    expect(votes).toBe(1);
    // The next contribution begins at its top, and not at its buttons.
    expect(await page.evaluate("scrollY")).toBe(0);
    await page.keyboard.down("a");
    for (let repeat = 0; repeat < 20; repeat += 1) {
      await page.keyboard.down("a");
      await page.waitForTimeout(50);
    }
    await page.keyboard.up("a");
    expect(votes).toBe(2);
  });

  test("a pasted text of 10,000 characters stays whole, and its field states the limit before anything is sent", async () => {
    const [creator, person] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, { title: "Tanam mangga" });
    const { page, errors } = await openPage(await app.context());
    await signIn(page, person);
    await page.goto(`/tasks/${taskId}`);
    const field = page.getByLabel("Tulis komentar");
    const text = "Kata 🥭 ".repeat(1700).slice(0, 10_000);
    await field.focus();
    await page.keyboard.insertText(text);
    const count = Array.from(text.trim()).length;
    await page.getByText(`${count} huruf, paling banyak 2000.`).waitFor();
    let sent = 0;
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().endsWith("/comments")) sent += 1;
    });
    await page.getByRole("button", { name: "Kirim komentar" }).click();
    await page.getByText("Ada isian yang belum benar.").waitFor();
    expect(await field.inputValue()).toBe(text);
    expect(await page.evaluate("document.activeElement.name")).toBe("text");
    expect(sent).toBe(0);
    expect(await violations(page)).toEqual([]);
    // 2,000 emoji are 4,000 UTF-16 units, and 2,000 characters for the API.
    await field.fill("🥭".repeat(2000));
    await page.getByRole("button", { name: "Kirim komentar" }).click();
    await page.getByText("Komentar terkirim.").waitFor();

    await page.goto("/tasks/new");
    const publish = page.getByRole("button", { name: "Terbitkan tugas" });
    // The form is a script of its own, which the browser may still be loading after `goto`.
    await publish.waitFor();
    await page.context().setOffline(true);
    await publish.click();
    expect(await page.getByText("Wajib diisi.").count()).toBe(2);
    expect(await page.getByRole("link", { name: /menunggu/ }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    assertQuiet(errors);
  });

  test("a session that is revoked while a form is half filled keeps its text for the same member, and deletes it at sign-out", async () => {
    const person = await platform.person();
    const { page } = await openPage(await app.context());
    await signIn(page, person);
    await page.goto("/tasks/new");
    const title = page.getByLabel("Apa yang perlu dikerjakan?");
    await title.fill("Angkat batu");
    await page.getByLabel("Berulang").selectOption("weekly");
    const other = await platform.request("POST", "/v1/auth/login", {
      body: { email: person.email, password: person.password },
    });
    await platform.request("DELETE", "/v1/me/sessions", { token: String(other.json["access_token"]) });
    // The next request ends the session: here the read of the notification count, when the window is shown again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.getByText("Sesi Anda sudah berakhir.").waitFor();
    await page.getByLabel("Alamat email").fill(person.email);
    await page.getByLabel("Kata sandi").fill(person.password);
    await page.getByRole("button", { name: "Masuk", exact: true }).click();
    await page.getByText("Tulisan Anda yang belum terkirim masih ada.").waitFor();
    expect(await title.inputValue()).toBe("Angkat batu");
    expect(await page.getByLabel("Berulang").inputValue()).toBe("weekly");
    await page.reload();
    await expect.poll(() => title.inputValue()).toBe("Angkat batu");
    await page.getByRole("button", { name: "Hapus tulisan itu" }).click();
    expect(await title.inputValue()).toBe("");

    await title.fill("Rahasia");
    await page.goto("/me");
    await page.getByRole("button", { name: "Keluar", exact: true }).click();
    await page.getByRole("heading", { name: "Masuk" }).waitFor();
    expect(String(await page.evaluate("JSON.stringify({ ...sessionStorage })"))).not.toContain("Rahasia");
  });

  test("a language and a theme chosen in one tab apply to the others, whose half-filled forms stay", async () => {
    const context = await app.context();
    const { page } = await openPage(context);
    await signIn(page, await platform.person());
    const tab = await context.newPage();
    await tab.goto("/tasks/new");
    await tab.getByLabel("Apa yang perlu dikerjakan?").fill("Jahit tenda");
    await page.goto("/me/display");
    await page.getByLabel("Bahasa").selectOption("en");
    await page.getByLabel("Colours").selectOption("dark");
    await tab.getByRole("heading", { name: "Publish a task" }).waitFor();
    expect(await tab.getByLabel("What needs to be done?").inputValue()).toBe("Jahit tenda");
    expect(await tab.evaluate("document.documentElement.lang + document.documentElement.dataset.theme")).toBe("endark");
    await page.getByLabel("Language").selectOption("id");
    await page.goto("/me");
    await page.getByRole("button", { name: "Keluar", exact: true }).click();
    await tab.getByRole("heading", { name: "Masuk" }).waitFor();
  });

  test("times are right on a phone whose clock is a day wrong, and appointments name the phone's time zone", async () => {
    const [creator, person] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, { title: "Ronda malam", starts_at: "2030-01-06T00:00:00Z" });
    const context = await app.context();
    await context.addInitScript(
      `{ const right = Date.now; class Wrong extends Date { constructor(...given) { if (given.length === 0) super(right() - 86400000); else super(...given); } static now() { return right() - 86400000; } } globalThis.Date = Wrong; }`,
    );
    const { page } = await openPage(context);
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setTimezoneOverride", { timezoneId: "Asia/Jayapura" });
    await signIn(page, person);
    const card = page.getByRole("link", { name: "Ronda malam" });
    await card.waitFor();
    await page.reload();
    await card.waitFor();
    expect(await card.innerText()).toMatch(/baru saja|detik|menit yang lalu/i);
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("6 Jan 2030, 09.00 WIT").waitFor();
    await page.goto("/tasks/new");
    await page.getByText("Menurut jam ponsel ini: WIT.").waitFor();
  });

  test("a page that was opened without a network is read as soon as the network is back", async () => {
    const [creator, person] = [await platform.person(), await platform.person()];
    await taskOf(creator, { title: "Panen cabai" });
    const context = await app.context();
    const { page } = await openPage(context);
    await signIn(page, person);
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    await page.goto("/");
    const href = await page.getByRole("link", { name: "Panen cabai" }).getAttribute("href");
    await context.setOffline(true);
    await page.goto(href ?? "/");
    await page.getByText("Tidak ada jaringan. Coba lagi sebentar.").waitFor();
    await context.setOffline(false);
    await page.getByRole("heading", { name: "Panen cabai" }).waitFor();
  });

  test("a part of the app that could not be loaded without a network is loaded as soon as the network is back", async () => {
    const person = await platform.person();
    const context = await app.context();
    const { page } = await openPage(context);
    await signIn(page, person);
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    // The browser may delete the cache of a service worker at any time.
    await page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))");
    await (await context.newCDPSession(page)).send("Network.clearBrowserCache");
    await context.setOffline(true);
    await page.getByRole("link", { name: "Kerja", exact: true }).click();
    await page.getByText("Bagian ini belum bisa dibuka. Periksa jaringan, lalu coba lagi.").waitFor();
    await context.setOffline(false);
    await page.getByRole("heading", { name: "Kerja saya" }).waitFor();
  });

  test("a printed task and contribution are black on white, without bars and buttons, and with everything that the page says", async () => {
    const [creator, person] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, { title: "Gali parit", people_needed: 20, location: "Balai RW" });
    for (let count = 0; count < 12; count += 1) await (await platform.person()).post(`/v1/tasks/${taskId}/claim`);
    await creator.post(`/v1/tasks/${taskId}/comments`, { text: "Cangkul ada di balai." });
    const contributionId = await contributionOf(person);
    const { page } = await openPage(await app.context({ theme: "dark" }));
    await signIn(page, person);
    await page.emulateMedia({ media: "print" });
    for (const path of [`/tasks/${taskId}`, `/contributions/${contributionId}`]) {
      await page.goto(path);
      await settled(page);
      for (const hidden of ["header.top", "nav.main", "main button", "main form"])
        for (const one of await page.locator(hidden).all())
          expect(await one.isVisible(), `${path} ${hidden}`).toBe(false);
      expect(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")).toBe(
        "rgb(255, 255, 255)",
      );
      expect(await page.evaluate("getComputedStyle(document.querySelector('h1')).color")).toBe("rgb(28, 36, 32)");
      expect(await overflow(page)).toBe(0);
    }
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Cangkul ada di balai.").waitFor();
    // The closed list of twelve people is printed too.
    expect(await page.locator("details a.person").first().isVisible()).toBe(true);
  });

  test("with text twice as large on a phone, nothing is wider than the window and no bar covers the page", async () => {
    const person = await platform.person(["verifier", "admin"]);
    const contributionId = await contributionOf(person);
    const context = await app.context();
    const { page } = await openPage(context);
    const session = await context.newCDPSession(page);
    await session.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
    await signIn(page, person);
    for (const path of ["/", "/tasks/new", `/contributions/${contributionId}`, "/me", "/admin/health"]) {
      await page.goto(path);
      await settled(page);
      expect(await page.evaluate("getComputedStyle(document.querySelector('main')).fontSize")).toBe("32px");
      expect(await overflow(page), path).toBe(0);
      expect(await page.evaluate("getComputedStyle(document.querySelector('nav.main')).position")).toBe("static");
    }
  });

  test("with forced colours, axe finds nothing on pages with a dialog, an error, a toast and an empty list", async () => {
    const [creator, person] = [await platform.person(), await platform.person(["verifier"])];
    const taskId = await taskOf(creator, { title: "Susun bata" });
    const { page, errors } = await openPage(await app.context());
    await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
    await signIn(page, person);
    const found: string[] = [];
    const check = async (state: string) => found.push(...(await violations(page)).map((one) => `${state}: ${one}`));
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Belum ada komentar.").waitFor();
    await page.getByRole("button", { name: "Kirim komentar" }).click();
    await page.getByText("Wajib diisi.").waitFor();
    await check("error");
    await page.getByLabel("Tulis komentar").fill("Saya ikut.");
    await page.getByRole("button", { name: "Kirim komentar" }).click();
    await page.locator(".toast").waitFor();
    await check("toast");
    await page.getByRole("button", { name: "Laporkan", exact: true }).first().click();
    await check("dialog");
    await page.getByRole("button", { name: "Kirim laporan" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    for (const path of ["/?q=tidakada", "/work", "/notifications", "/me/blocks", "/me/invitations", "/waiting"]) {
      await page.goto(path);
      await settled(page);
      await check(path);
    }
    expect(found).toEqual([]);
    assertQuiet(errors);
  });
});

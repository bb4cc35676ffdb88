import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Route } from "playwright-core";
import { describe, expect, test } from "vitest";
import { type Site, createSite } from "@gotong/api/http/site.ts";
import { serve } from "@gotong/api/serve.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { chromiumPath } from "../../harness/chromium.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, until } from "../../harness/scenes.ts";
import { DIST, choose, evidenceOf, laterVersion, listOf, scratch, taskOf, write } from "./acts.ts";
import { assertQuiet, openPage, signIn, useApp } from "./browser.ts";

/** A JPEG without its APPn segments, in the form in which messengers forward photographs. */
function withoutMetadata(bytes: Uint8Array): Uint8Array {
  const parts = [bytes.subarray(0, 2)];
  for (let at = 2; at < bytes.length;) {
    const [marker = 0, high = 0, low = 0] = bytes.subarray(at + 1, at + 4);
    const isScan = marker === 0xda;
    const end = isScan ? bytes.length : at + 2 + high * 256 + low;
    if (marker < 0xe0 || marker > 0xef) parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

describe.skipIf(chromiumPath === undefined)("failures in Chromium are explained to the member and lose no data", () => {
  const platform = usePlatform({ workers: true });
  const app = useApp(platform);

  test("a comment that the API rejects because the session was revoked is sent after the next login", async () => {
    const [person, creator] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Sapu balai desa");
    const { page } = await openPage(await app.context());
    await signIn(page, person);
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Belum ada komentar.").waitFor();
    const other = await platform.request("POST", "/v1/auth/login", {
      body: { email: person.email, password: person.password },
    });
    await platform.request("DELETE", "/v1/me/sessions", { token: String(other.json["access_token"]) });
    await write(page, "Saya bawa sapu.");
    await page.getByText("Sesi Anda sudah berakhir.").waitFor();
    await signIn(page, person);
    const sent = () => creator.get(`/v1/tasks/${taskId}/comments`);
    expect(
      await until(
        async () => listOf(await sent()),
        (all) => all.length > 0,
      ),
    ).toMatchObject([{ text: "Saya bawa sapu." }]);
  });

  test("an access token that expires is renewed unnoticed", async () => {
    const [person, creator] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Kuras bak air");
    const { page } = await openPage(await app.context());
    await signIn(page, person);
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Belum ada komentar.").waitFor();
    const refreshed = page.waitForRequest("**/v1/auth/refresh");
    const restore = Clock.set(() => new Date(Date.now() + 16 * 60_000));
    try {
      await write(page, "Saya bawa ember.");
      await page.getByText("Komentar terkirim.").waitFor();
    } finally {
      restore();
    }
    await refreshed;
  });

  test("an expired session is explained in both languages, and an unsent comment is hidden from other members until its author signs in", async () => {
    const [first, second] = [await platform.person(), await platform.person()];
    const creator = await platform.person();
    const taskId = await taskOf(creator, "Pasang lampu jalan");
    const context = await app.context();
    const { page } = await openPage(context);
    await signIn(page, first);
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Belum ada komentar.").waitFor();
    await platform.sql`update sessions set expires_at = now() where user_id = ${first.id}`;
    await write(page, "Saya datang jam tujuh.");
    await page.getByText("Sesi Anda sudah berakhir. Masuk lagi; yang belum terkirim tetap disimpan.").waitFor();
    await page.getByLabel("Bahasa").selectOption("en");
    await page.getByText("Your session has ended. Sign in again; what is not sent yet is kept.").waitFor();
    await page.getByLabel("Language").selectOption("id");

    await signIn(page, second);
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Belum ada komentar.").waitFor();
    expect(await page.getByText(/menunggu|Saya datang/i).count()).toBe(0);
    await write(page, "Saya juga.");
    await page.locator("article").getByText("Saya juga.").waitFor();
    const tab = await context.newPage();
    await tab.goto(`/tasks/${taskId}`);
    await tab.getByLabel("Tulis komentar").fill("Belum selesai");

    await signIn(page, first);
    await expect.poll(() => tab.getByLabel("Tulis komentar").inputValue()).toBe("");
    const sent = await until(
      async () => listOf(await creator.get(`/v1/tasks/${taskId}/comments`)),
      (all) => all.length > 1,
    );
    expect(sent).toMatchObject([
      { text: "Saya juga.", author_id: second.id },
      { text: "Saya datang jam tujuh.", author_id: first.id },
    ]);
  });

  test("a photograph of 40 MB is refused before the app reads its bytes, and acts can be stored after the browser deleted the app's data", async () => {
    const [person, creator] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Cat balai desa");
    const contributionId = await contributionOf(person);
    const context = await app.context();
    const { page } = await openPage(context);
    await page.addInitScript(
      `globalThis.reads = 0; for (const name of ["arrayBuffer", "slice", "stream"]) { const own = Blob.prototype[name]; Blob.prototype[name] = function (...given) { globalThis.reads += 1; return own.apply(this, given); }; }`,
    );
    await signIn(page, person);
    await page.goto(`/contributions/${contributionId}`);
    const file = join(scratch(), "foto.jpg");
    writeFileSync(file, photograph().bytes);
    truncateSync(file, 40 * 1024 * 1024);
    await page.locator("input[type=file]").first().setInputFiles(file);
    await page.getByText("Berkas ini 40 MB. Jenis ini paling besar 10 MB: pilih berkas yang lebih kecil.").waitFor();
    expect(await page.evaluate("globalThis.reads")).toBe(0);
    expect(await page.getByRole("link", { name: /menunggu/ }).count()).toBe(0);

    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Belum ada komentar.").waitFor();
    const session = await context.newCDPSession(page);
    const storageTypes = "cache_storage,indexeddb,local_storage";
    await session.send("Storage.clearDataForOrigin", { origin: app.origin, storageTypes });
    await context.setOffline(true);
    await write(page, "Saya ikut.");
    await page.getByText("Disimpan. Akan dikirim saat ada jaringan.").waitFor();
    await context.setOffline(false);
    const sent = await until(
      async () => listOf(await creator.get(`/v1/tasks/${taskId}/comments`)),
      (all) => all.length > 0,
    );
    expect(sent).toMatchObject([{ text: "Saya ikut." }]);
  });

  test("a deployment keeps a half-filled form; a page with a missing script is reloaded once, and a script that stays missing is explained", async () => {
    const storageOrigin = new URL(platform.aws.endpoint).origin;
    const [former, later] = [DIST, laterVersion()].map((directory) => createSite({ directory, storageOrigin }));
    let site: Site | undefined = former;
    const server = await serve((request, response) => site?.(request, response) === true);
    try {
      const context = await app.context({ origin: `http://localhost:${server.port}` });
      const { page } = await openPage(context);
      await signIn(page, await platform.person());
      await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
      await page.goto("/tasks/new");
      await page.getByLabel("Apa yang perlu dikerjakan?").fill("Perbaiki jembatan");
      site = later;
      await page.evaluate(
        "new Promise((done) => { navigator.serviceWorker.addEventListener('controllerchange', () => done()); void navigator.serviceWorker.getRegistration().then((one) => one.update()); })",
      );
      expect(await page.getByLabel("Apa yang perlu dikerjakan?").inputValue()).toBe("Perbaiki jembatan");
      await page.getByLabel("Penjelasan").fill("Bawa palu.");
      let reloads = 0;
      page.on("domcontentloaded", () => {
        reloads += 1;
      });
      await page.getByRole("button", { name: "Terbitkan tugas" }).click();
      // The page needs the former version's script for comments, which the server no longer has, so the page is
      // reloaded.
      await page.getByText("Belum ada komentar.").waitFor();
      expect(reloads).toBe(1);
      expect(await page.evaluate("document.scripts[0].src")).toContain("later-");

      const missing = /\/assets\/later-work-/;
      site = (request, response) => !missing.test(request.url ?? "") && later?.(request, response) === true;
      await page.evaluate("caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))))");
      await (await context.newCDPSession(page)).send("Network.clearBrowserCache");
      await page.getByRole("link", { name: "Kerja", exact: true }).click();
      await page.getByText("Bagian ini belum bisa dibuka. Periksa jaringan, lalu coba lagi.").waitFor();
      expect(reloads).toBe(1);
      site = later;
      await page.getByRole("button", { name: "Coba lagi" }).click();
      await page.getByRole("heading", { name: "Kerja saya" }).waitFor();
    } finally {
      await server.close();
    }
  });

  test("on a full disk a member can still read and send; if there is no network either, the form keeps its text and explains the problem", async () => {
    const [person, creator] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Perbaiki pagar");
    const context = await app.context();
    const { page } = await openPage(context);
    await page.addInitScript(
      "IDBObjectStore.prototype.put = () => { throw new DOMException('The disk is full.', 'QuotaExceededError'); };",
    );
    await signIn(page, person);
    await page.goto(`/tasks/${taskId}`);
    await write(page, "Kayu ada di rumah saya.");
    await page.getByText("Komentar terkirim.").waitFor();
    await context.setOffline(true);
    await write(page, "Paku juga.");
    await page.getByText("Tidak ada jaringan, dan penyimpanan ponsel penuh.").waitFor();
    expect(await page.getByLabel("Tulis komentar").inputValue()).toBe("Paku juga.");
  });

  test("an upload continues after the page is reloaded, and a photograph without metadata is accepted with a hint", async () => {
    const person = await platform.person();
    const contributionId = await contributionOf(person);
    const context = await app.context();
    const { page } = await openPage(context);
    await signIn(page, person);
    await page.goto(`/contributions/${contributionId}`);
    const storage = `${new URL(platform.aws.endpoint).origin}/**`;
    const stuck: Route[] = [];
    await context.route(storage, (route) => {
      if (route.request().method() === "PUT") stuck.push(route);
      else void route.continue();
    });
    await choose(page, withoutMetadata(photograph().bytes));
    await until(
      () => stuck.length,
      (count) => count > 0,
    );
    await context.unroute(storage);
    await page.reload();
    await page.getByText("Diterima", { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByText("Berkas ini tidak menyimpan waktu dan tempat pengambilannya.").waitFor();
    expect(await evidenceOf(person, contributionId)).toHaveLength(1);
  });

  test("a reload before the response to a file, a comment and a new task adds none of them twice, and their text is not in the form again", async () => {
    const [person, creator] = [await platform.person(), await platform.person()];
    const contributionId = await contributionOf(person);
    const taskId = await taskOf(creator, "Tanam padi");
    const context = await app.context({ serviceWorkers: "block" });
    const { page } = await openPage(context);
    await signIn(page, person);
    /** Reloads the page when the API has performed the POST to `path`, whose response is lost. */
    const reloadAfter = async (path: string, perform: () => Promise<unknown>) => {
      const performed: string[] = [];
      const repeated: string[] = [];
      await context.route(`**${path}`, async (route) => {
        if (route.request().method() !== "POST" || performed.length > 0) return route.continue();
        performed.push(String((await route.fetch()).status()));
      });
      await perform();
      await until(
        () => performed.length,
        (count) => count > 0,
      );
      page.on("response", (response) => {
        if (response.request().method() === "POST" && new URL(response.url()).pathname === path)
          repeated.push(`${response.status()} ${response.headers()["idempotency-replayed"]}`);
      });
      await page.reload();
      await until(
        () => repeated.length,
        (count) => count > 0,
      );
      expect(repeated).toEqual([`${performed[0]} true`]);
      await page.getByText(/^Terkirim: /).waitFor();
      await context.unroute(`**${path}`);
    };
    await page.goto(`/contributions/${contributionId}`);
    await reloadAfter(`/v1/contributions/${contributionId}/evidence`, () => choose(page, photograph().bytes));
    expect(await evidenceOf(person, contributionId)).toHaveLength(1);

    await page.goto(`/tasks/${taskId}`);
    await reloadAfter(`/v1/tasks/${taskId}/comments`, () => write(page, "Saya bawa cangkul."));
    expect(await page.getByLabel("Tulis komentar").inputValue()).toBe("");
    expect(listOf(await creator.get(`/v1/tasks/${taskId}/comments`))).toHaveLength(1);

    await page.goto("/tasks/new");
    await reloadAfter("/v1/tasks", async () => {
      await page.getByLabel("Apa yang perlu dikerjakan?").fill("Panen padi");
      await page.getByLabel("Penjelasan").fill("Bawa sabit.");
      await page.getByRole("button", { name: "Terbitkan tugas" }).click();
    });
    expect(await page.getByLabel("Penjelasan").inputValue()).toBe("");
    expect(await platform.sql`select title from tasks where creator_id = ${person.id} and title like 'Panen%'`).toEqual(
      [{ title: "Panen padi" }],
    );
  });

  test("an act is not sent in the name of a member who signs in meanwhile, and is kept although a later version upgrades the database or a browser never opens it", async () => {
    const [first, second, creator] = [await platform.person(), await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Ronda malam");
    const comments = async () => listOf(await creator.get(`/v1/tasks/${taskId}/comments`));
    const context = await app.context({ serviceWorkers: "block" });
    const { page } = await openPage(context);
    await signIn(page, first);
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Belum ada komentar.").waitFor();
    const paused: Route[] = [];
    await context.route("**/comments", (route) =>
      route.request().method() === "POST" ? void paused.push(route) : route.continue(),
    );
    await write(page, "Saya jaga pos.");
    await until(
      () => paused.length,
      (count) => count > 0,
    );
    const tab = await context.newPage();
    await signIn(tab, second);
    await page.getByText("Belum ada komentar.").waitFor();
    // The network of the attempts fails only now.
    for (const route of paused) await route.abort("connectionreset").catch(() => undefined);
    await context.unroute("**/comments");
    await page.getByText("Belum ada komentar.").waitFor();
    const upgraded = `new Promise((done) => { const opening = indexedDB.open("gotong-royong", 2); opening.onblocked = () => done("blocked"); opening.onsuccess = () => { opening.result.close(); done("upgraded"); }; })`;
    expect(await tab.evaluate(upgraded)).toBe("upgraded");
    await context.setOffline(true);
    await write(page, "Saya bawa senter.");
    await page.getByText("Disimpan. Akan dikirim saat ada jaringan.").waitFor();
    await context.setOffline(false);
    expect(await until(comments, (all) => all.length > 0)).toMatchObject([
      { text: "Saya bawa senter.", author_id: second.id },
    ]);
    await signIn(page, first);
    expect(await until(comments, (all) => all.length > 1)).toMatchObject([
      { author_id: second.id },
      { text: "Saya jaga pos.", author_id: first.id },
    ]);

    await tab.addInitScript("IDBFactory.prototype.open = () => new EventTarget();");
    await tab.goto(`/tasks/${taskId}`);
    await write(tab, "Kopi ada.");
    await tab.getByText("Komentar terkirim.").waitFor();
  });

  test("a list of several pages that is left for one of its tasks is as long and at the same place after “back”, “forward” and a reload, and a rotation keeps a half-written field in the window", async () => {
    const [creator, person] = [await platform.person(), await platform.person()];
    for (let count = 0; count < 22; count += 1) await taskOf(creator, `Anyam ketupat ${count}`);
    const { page, errors } = await openPage(await app.context());
    await signIn(page, person);
    await page.goto("/?q=ketupat");
    await page.getByRole("button", { name: "Tampilkan lagi" }).click();
    const row = page.locator("main li").nth(17);
    await row.scrollIntoViewIfNeeded();
    // Whether the row is in the window, and the length of the list.
    const shown = async () => [
      await row.evaluate((one) => one.getBoundingClientRect().top > 0 && one.getBoundingClientRect().bottom < 740),
      await page.locator("main li").count(),
    ];
    expect(await shown()).toEqual([true, 22]);
    await row.locator("a").click();
    const field = page.getByLabel("Tulis komentar");
    await field.fill("Saya bawa janur.");
    await page.setViewportSize({ width: 740, height: 360 });
    await expect.poll(() => field.evaluate((one) => one.getBoundingClientRect().bottom)).toBeLessThan(360);
    expect(await field.inputValue()).toBe("Saya bawa janur.");
    await page.setViewportSize({ width: 360, height: 740 });
    for (const step of [() => page.goBack(), () => page.goForward(), () => page.goBack(), () => page.reload()])
      await step();
    await expect.poll(shown).toEqual([true, 22]);
    assertQuiet(errors);
  });

  test("an operator's dry run shows the events that a redrive would send, before they are sent", async () => {
    const [admin, member] = [await platform.person(["admin"]), await platform.person()];
    platform.markov.misbehave({ count: 1, status: 422 });
    await contributionOf(member);
    const dead = () => platform.sql`select 1 from webhook_failures where redriven_at is null`;
    await until(dead, (rows) => rows.length > 0);
    const { page } = await openPage(await app.context({ size: { width: 1280, height: 800 } }));
    await signIn(page, admin);
    await page.goto("/admin/failures");
    await page.getByRole("button", { name: "Uji coba dahulu" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("contribution_created · 422").waitFor();
    expect(await dead()).not.toHaveLength(0);
    await dialog.getByRole("button", { name: "Kirim ulang" }).click();
    await expect.poll(() => dialog.innerText(), { timeout: 10_000 }).toMatch(/(\d+) dari \1 dikirim ulang/);
    expect(await dead()).toHaveLength(0);
    await page.goto("/admin/health");
    await page.getByRole("heading", { name: "Pengiriman ke Markov" }).waitFor();
    await page.getByText("berjalan", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "Biaya sebulan" }).waitFor();
  });
});

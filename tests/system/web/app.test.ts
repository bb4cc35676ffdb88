import { describe, expect, test } from "vitest";
import { chromiumPath } from "../../harness/chromium.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, until } from "../../harness/scenes.ts";
import { sized } from "../../harness/size.ts";
import { DESKTOP, PHONE, assertQuiet, openPage, overflow, settled, signIn, useApp, violations } from "./browser.ts";
import { ADMIN_PAGES, MEMBER_PAGES, PUBLIC_PAGES, VERIFIER_PAGES, pathWith } from "../../../scripts/app-pages.ts";

const SCRIPT_MOST_KB = 60;
const ALL_MOST_KB = 120;

const taskOf = async (creator: Person, title: string): Promise<string> => {
  const answer = await creator.post("/v1/tasks", taskInput({ title, description: "Bawa sarung tangan." }));
  return String(answer.json["id"]);
};

describe.skipIf(chromiumPath === undefined)("the app in Chromium", () => {
  const platform = usePlatform({ workers: true });
  const app = useApp(platform);

  test("in the app, the first list loads at most 60 KB of script and 120 KB in all, from the platform's origin only", async () => {
    const person = await platform.person();
    for (let count = 0; count < 20; count += 1) await taskOf(person, `Tugas nomor ${count}`);
    const { page, errors, hosts } = await openPage(await app.context({ serviceWorkers: "block" }));
    await signIn(page, person);
    // Without a service worker and a cache, the page loads every file, as at the first visit, but already has a session.
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    const types = new Map<string, string>();
    const bytes = { script: 0, all: 0 };
    session.on("Network.responseReceived", ({ requestId, type }) => types.set(requestId, type));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      bytes.all += encodedDataLength;
      if (types.get(requestId) === "Script") bytes.script += encodedDataLength;
    });
    await page.goto("/");
    await page.locator("a.card").first().waitFor();
    const kb = (count: number) => Math.round(count / 102.4) / 10;
    process.stdout.write(`first list: ${kb(bytes.script)} KB of script, ${kb(bytes.all)} KB in all\n`);
    expect(bytes.script).toBeGreaterThan(10_000);
    expect(kb(bytes.script)).toBeLessThanOrEqual(SCRIPT_MOST_KB);
    expect(kb(bytes.all)).toBeLessThanOrEqual(ALL_MOST_KB);
    expect([...hosts]).toEqual([new URL(app.origin).host]);
    assertQuiet(errors);
  });

  test("in the app, the first list is requested once, before the app's script is loaded, with one refresh of the session", async () => {
    const person = await platform.person();
    await taskOf(person, "Ganti lampu jalan");
    const { page, errors } = await openPage(await app.context({ serviceWorkers: "block" }));
    await signIn(page, person);
    const requests: string[] = [];
    let release: () => void = () => undefined;
    const isRequested = new Promise<void>((resolve) => {
      release = resolve;
    });
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith("/v1/")) requests.push(`${request.method()} ${pathname}${search}`);
      if (pathname === "/v1/tasks") release();
    });
    await page.route(/\/assets\/app-/, async (route) => {
      await isRequested;
      await route.continue();
    });
    await page.goto("/");
    await page.getByRole("link", { name: "Ganti lampu jalan" }).waitFor();
    // The page has shown its stored list at once. Now waits until it has requested the new list.
    await isRequested;
    expect(requests).toEqual(["POST /v1/auth/refresh", "GET /v1/tasks?status=open"]);
    assertQuiet(errors);
  });

  test("in the app, members publish, claim, complete and prove a task, verifiers approve it, and its proof is valid", async () => {
    const [creator, worker] = [await platform.person(), await platform.person()];
    const first = await openPage(await app.context());
    await signIn(first.page, creator);
    await first.page.getByRole("link", { name: "Buat", exact: true }).click();
    await first.page.getByLabel("Apa yang perlu dikerjakan?").fill("Bersihkan selokan pasar");
    await first.page.getByLabel("Penjelasan").fill("Sampah menumpuk.");
    await first.page.getByRole("button", { name: "Terbitkan tugas" }).click();
    await first.page.waitForURL(/\/tasks\/[\da-f-]{36}$/);

    const second = await openPage(await app.context());
    await signIn(second.page, worker);
    await second.page.getByRole("link", { name: "Bersihkan selokan pasar" }).click();
    await second.page.getByRole("button", { name: "Ambil tugas ini" }).click();
    await second.page.getByRole("button", { name: "Mulai", exact: true }).click();
    await second.page.getByRole("button", { name: "Selesai, tambahkan bukti" }).click();
    await second.page.waitForURL(/\/contributions\//);
    const photo = photograph();
    const file = { name: "selokan.jpg", mimeType: "image/jpeg", buffer: Buffer.from(photo.bytes) };
    await second.page.locator("input[type=file]").first().setInputFiles(file);
    await second.page.getByRole("button", { name: "Tambahkan tempat saya" }).click();
    await second.page.getByRole("button", { name: "Tambahkan saksi" }).click();
    await second.page.getByLabel("Nama saksi").fill("Ibu Sari");
    await second.page.getByRole("dialog").getByRole("button", { name: "Simpan" }).click();
    await expect.poll(() => second.page.getByText("Diterima", { exact: true }).count(), { timeout: 60_000 }).toBe(3);

    const contributionId = second.page.url().split("/").at(-1) ?? "";
    const votes = [];
    for (const way of ["touch", "touch", "key"] as const) {
      const { page, errors } = await openPage(await app.context());
      votes.push({ errors });
      await signIn(page, await platform.person(["verifier"]));
      await page.getByRole("link", { name: "Periksa" }).click();
      await page.getByRole("heading", { name: "Bersihkan selokan pasar" }).waitFor();
      await page.getByRole("img", { name: "Foto bukti" }).waitFor();
      // A key does nothing for half a second after a change of the page.
      await page.getByRole("button", { name: "Setuju", disabled: false }).waitFor();
      await (way === "touch" ? page.getByRole("button", { name: "Setuju" }).click() : page.keyboard.press("a"));
      await page.getByText("Suara “setuju” tersimpan.").waitFor();
    }
    await expect
      .poll(async () => (await worker.get(`/v1/contributions/${contributionId}`)).json["verification_status"])
      .toBe("verified");
    await second.page.reload();
    await second.page.getByText("Terbukti. Terima kasih!").waitFor();
    for (const { errors } of [first, second, ...votes]) assertQuiet(errors);
  });

  test("in the app, acts done offline are sent in order when the network is back, and a conflict is explained", async () => {
    const [creator, member, faster] = [await platform.person(), await platform.person(), await platform.person()];
    const [mine, taken] = [await taskOf(creator, "Cat pos ronda"), await taskOf(creator, "Angkut pasir")];
    const context = await app.context();
    const { page, errors } = await openPage(context);
    await signIn(page, member);
    for (const id of [mine, taken]) {
      await page.goto(`/tasks/${id}`);
      await page.getByRole("button", { name: "Ambil tugas ini" }).waitFor();
    }
    await page.goto("/");
    await page.getByRole("link", { name: "Angkut pasir" }).waitFor();
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    await context.setOffline(true);
    await page.reload();
    await page.getByRole("link", { name: "Angkut pasir" }).waitFor();
    for (const title of ["Angkut pasir", "Cat pos ronda"]) {
      await page.getByRole("link", { name: title }).click();
      await page.getByRole("button", { name: "Ambil tugas ini" }).click();
      await page.getByText("Disimpan. Akan dikirim saat ada jaringan.").waitFor();
      await page.goBack();
    }
    await page.getByRole("link", { name: "2 menunggu" }).waitFor();
    await faster.post(`/v1/tasks/${taken}/claim`);
    await context.setOffline(false);
    await page.getByRole("link", { name: "1 menunggu" }).click();
    await page.getByText("Anggota lain lebih cepat: tugas ini sudah tidak terbuka.").waitFor();
    expect((await member.get(`/v1/tasks/${mine}`)).json["assignee_id"]).toBe(member.id);
    assertQuiet(errors);
  });

  test("in the app, a session survives a reload, is hidden from scripts, and asks for a login once it is revoked", async () => {
    const person = await platform.person();
    const context = await app.context();
    const { page, errors } = await openPage(context);
    await signIn(page, person);
    const [cookie] = await context.cookies(`${app.origin}/v1/auth/refresh`);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/v1/auth" });
    const known = await page.evaluate("document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })");
    expect(String(known)).not.toContain(cookie?.value);
    await page.reload();
    await page.locator("main h1").waitFor();
    await page.getByRole("link", { name: "Terbitkan tugas" }).waitFor();
    const other = await platform.request("POST", "/v1/auth/login", {
      body: { email: person.email, password: person.password },
    });
    await platform.request("DELETE", "/v1/me/sessions", { token: String(other.json["access_token"]) });
    await page.reload();
    await page.getByText("Sesi Anda sudah berakhir.").waitFor();
    assertQuiet(errors);
  });

  test("in the app, tasks near the device are listed first on request, and the verifier's page shows only votable contributions", async () => {
    const member = await platform.person();
    for (const [title, coordinates] of [
      ["Sumur jauh", { lat: -6.95, lon: 107.65 }],
      ["Sumur dekat", { lat: -6.915, lon: 107.61 }],
      ["Sumur tanpa tempat", undefined],
    ] as const)
      await member.post("/v1/tasks", taskInput({ title, ...(coordinates === undefined ? {} : { coordinates }) }));
    const verifier = await platform.person(["verifier"]);
    const reported = async (person: Person, title: string) =>
      String((await person.post("/v1/contributions", { contribution_type: "community_service", title })).json["id"]);
    const voted = await reported(member, "Sudah dinilai");
    await verifier.post(`/v1/contributions/${voted}/verifications`, { outcome: "approved" });
    await reported(member, "Belum dinilai");
    await reported(verifier, "Milik sendiri");
    const { page, errors } = await openPage(await app.context());
    await signIn(page, verifier);
    await page.getByRole("button", { name: "Dekat saya" }).click();
    const titles = page.locator("a.card h2");
    await expect
      .poll(async () => (await titles.allTextContents()).filter((title) => title.startsWith("Sumur")))
      .toEqual(["Sumur dekat", "Sumur jauh"]);
    await page.getByRole("button", { name: "Dekat saya", pressed: true }).click();
    await page.getByRole("link", { name: "Sumur tanpa tempat" }).waitFor();
    await page.getByRole("link", { name: "Periksa" }).click();
    const shown: string[] = [];
    const [card, none] = [page.locator("article h2"), page.getByText("Tidak ada yang menunggu")];
    for (let seen = 0; seen < 50; seen += 1) {
      await card.or(none).first().waitFor();
      if (await none.isVisible()) break;
      const title = (await card.textContent()) ?? "";
      shown.push(title);
      await page.getByRole("button", { name: "Lewati" }).click();
      await page.locator("article h2").filter({ hasText: title }).waitFor({ state: "detached" });
    }
    expect(shown).toContain("Belum dinilai");
    expect(shown).not.toContain("Sudah dinilai");
    expect(shown).not.toContain("Milik sendiri");
    assertQuiet(errors);
  });

  const LOOKS = [
    ["phone", "id", "light", PHONE],
    ["desktop", "en", "dark", DESKTOP],
    ["phone", "en", "dark", PHONE],
    ["desktop", "id", "light", DESKTOP],
  ] as const;
  describe.each(LOOKS.slice(0, sized(2, LOOKS.length)))(
    "the pages on a %s, in the language %s and the theme %s",
    (_, language, theme, size) => {
      test("no page of the app violates WCAG 2.2 AA or is wider than the window", async () => {
        const [admin, member] = [await platform.person(["verifier", "admin"]), await platform.person()];
        const taskId = await taskOf(member, "Ajar berhitung");
        const contributionId = await contributionOf(member);
        await member.post(`/v1/tasks/${taskId}/reports`, { reason: "spam" });
        await admin.post(`/v1/tasks/${taskId}/reports`, { reason: "spam" });
        for (const path of [`/v1/tasks/${taskId}`, `/v1/contributions/${contributionId}`])
          await admin.post(`${path}/comments`, { text: "Bawa sarung tangan." });
        await member.post(`/v1/tasks/${taskId}/comments`, { text: "Siap." });
        const { page, errors } = await openPage(await app.context({ size, language, theme }));
        const found: string[] = [];
        let checked = 0;
        const check = async (path: string) => {
          await page.goto(path);
          await settled(page);
          found.push(...(await violations(page)).map((one) => `${path} ${one}`));
          const width = await overflow(page);
          if (width !== 0) found.push(`${path} is ${String(width)} px too wide`);
          checked += 1;
        };
        for (const path of Object.values(PUBLIC_PAGES)) await check(path);
        await signIn(page, admin);
        const ids = { task: taskId, contribution: contributionId, member: member.id };
        const paths = Object.values({ ...MEMBER_PAGES, ...VERIFIER_PAGES, ...ADMIN_PAGES });
        for (const path of paths) await check(pathWith(path, ids));
        expect(found).toEqual([]);
        process.stdout.write(`${checked} pages checked by axe, none violates WCAG 2.2 AA\n`);
        assertQuiet(errors);
      });
    },
  );

  test("in the app, a creator publishes a task for several people, a member leaves it, and the creator marks attendance, also offline", async () => {
    const [creator, ani, budi] = [await platform.person(), await platform.person(), await platform.person()];
    const context = await app.context();
    const { page, errors } = await openPage(context);
    await signIn(page, creator);
    await page.goto("/tasks/new");
    await page.getByLabel("Apa yang perlu dikerjakan?").fill("Kerja bakti selokan");
    await page.getByLabel("Penjelasan").fill("Bawa cangkul.");
    await page.getByLabel("Berapa orang yang diperlukan?").fill("3");
    await page.getByLabel("Mulai kapan?").fill("2030-01-06T07:00");
    await page.getByLabel("Berulang").selectOption("weekly");
    await page.getByRole("button", { name: "Terbitkan tugas" }).click();
    await page.waitForURL(/\/tasks\/[\da-f-]{36}$/);
    const taskId = page.url().split("/").at(-1) ?? "";
    await page.getByText("Setiap minggu").waitFor();
    expect((await creator.get(`/v1/tasks/${taskId}`)).json).toMatchObject({ people_needed: 3, repeats: "weekly" });
    for (const member of [ani, budi]) await member.post(`/v1/tasks/${taskId}/claim`);

    const other = await openPage(await app.context());
    await signIn(other.page, budi);
    await other.page.goto(`/tasks/${taskId}`);
    await other.page.getByRole("button", { name: "Saya tidak bisa datang" }).click();
    await other.page.getByLabel("Alasan (boleh kosong)").fill("Anak saya sakit.");
    await other.page.getByRole("dialog").getByRole("button", { name: "Saya tidak bisa datang" }).click();
    await other.page.getByRole("button", { name: "Ambil tugas ini" }).click();
    await other.page.getByRole("button", { name: "Mulai", exact: true }).waitFor();
    await other.page.getByText("Anak saya sakit.").waitFor();

    await page.reload();
    await page.getByText("Kehadiran dapat ditandai mulai").waitFor();
    await platform.sql`update tasks set starts_at = now() where id = ${taskId}`;
    await page.reload();
    const marks = page.getByRole("group", { name: /^Kehadiran/ });
    const [ofAni, ofBudi] = [marks.nth(0), marks.nth(1)];
    await ofAni.getByRole("button", { name: "Datang", exact: true }).click();
    await ofAni.getByRole("button", { name: "Datang", exact: true, pressed: true }).waitFor();
    await context.setOffline(true);
    await ofBudi.getByRole("button", { name: "Tidak datang" }).click();
    await ofBudi.getByRole("button", { name: "Tidak datang", pressed: true }).waitFor();
    await page.getByRole("link", { name: "1 menunggu" }).waitFor();
    await context.setOffline(false);
    await page.getByText("Tidak datang 1 kali dalam setahun.").waitFor();
    expect(await violations(page)).toEqual([]);
    expect((await creator.get(`/v1/tasks/${taskId}/attendance`)).json["data"]).toMatchObject([
      { was_present: true, absences: 0 },
      { was_present: false, absences: 1 },
    ]);
    await other.page.reload();
    await other.page.getByRole("heading", { name: "Kehadiran" }).waitFor();
    expect(await other.page.getByText("kali dalam setahun").count()).toBe(0);
    expect(await violations(other.page)).toEqual([]);
    for (const one of [errors, other.errors]) assertQuiet(one);
  });

  test("in the app, people without an account see open tasks below the login only if the community publishes them", async () => {
    await taskOf(await platform.person(), "Tanam pohon peneduh");
    const { page, errors } = await openPage(await app.context());
    const answered = page.waitForResponse("**/v1/open-tasks**");
    await page.goto("/");
    expect((await answered).status()).toBe(404);
    expect(await page.getByRole("heading", { name: "Tugas yang menunggu bantuan" }).count()).toBe(0);
    app.configure({ OPEN_TASKS: "true" });
    try {
      await page.reload();
      await page.getByRole("heading", { name: "Tanam pohon peneduh" }).waitFor();
      expect(await violations(page)).toEqual([]);
    } finally {
      app.configure({});
    }
    assertQuiet(errors);
  });

  test("in the app, only one of two members who claim a task at once gets it, and the app shows the other member the reason", async () => {
    const [creator, ...both] = [await platform.person(), await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Perbaiki jembatan");
    const pages = await Promise.all(
      both.map(async (person) => {
        const { page } = await openPage(await app.context());
        await signIn(page, person);
        await page.goto(`/tasks/${taskId}`);
        await page.getByRole("button", { name: "Ambil tugas ini" }).waitFor();
        return page;
      }),
    );
    await Promise.all(pages.map((page) => page.getByRole("button", { name: "Ambil tugas ini" }).click()));
    const outcome = async () => {
      const texts = await Promise.all(pages.map((page) => page.locator("main").innerText()));
      return [
        texts.filter((text) => text.includes("Anggota lain lebih cepat")).length,
        texts.filter((text) => /Mulai/.test(text)).length,
      ];
    };
    expect(await until(outcome, ([refused, won]) => refused === 1 && won === 1)).toEqual([1, 1]);
  });
});

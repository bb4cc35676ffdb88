import { randomBytes } from "node:crypto";
import type { BrowserContext, Page } from "playwright-core";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { chromiumPath, desktopChromiumPath } from "../../harness/chromium.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { Device } from "../../harness/push-service.ts";
import { until } from "../../harness/scenes.ts";
import { assertQuiet, openPage, settled, signIn, useApp, violations } from "./browser.ts";

const taskOf = async (creator: Person, title: string): Promise<string> => {
  const answer = await creator.post("/v1/tasks", taskInput({ title, description: "Bawa sarung tangan." }));
  return String(answer.json["id"]);
};
const textsOf = async (person: Person, taskId: string): Promise<string[]> => {
  const { json } = await person.get(`/v1/tasks/${taskId}/comments`);
  return Array.isArray(json["data"]) ? json["data"].map((one) => String(one.text)) : [];
};
const write = async (page: Page, text: string) => {
  await page.getByLabel("Tulis komentar").fill(text);
  await page.getByRole("button", { name: "Kirim komentar" }).click();
};

/** A square PNG of noise, which is as large as a photo. */
const pictureOf = (edge: number): Promise<Buffer> =>
  sharp(randomBytes(edge * edge * 3), { raw: { width: edge, height: edge, channels: 3 } })
    .png()
    .toBuffer();

/** Titles and texts of the notifications that the service worker shows. */
const shown = (page: Page): Promise<unknown> =>
  page.evaluate(
    "navigator.serviceWorker.ready.then((r) => r.getNotifications()).then((all) => all.map((one) => one.title + ': ' + one.body))",
  );

/** Delivers a push as the browser's push service would. */
async function deliver(context: BrowserContext, page: Page, origin: string, data: string): Promise<void> {
  const session = await context.newCDPSession(page);
  const ids: string[] = [];
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) =>
    ids.push(...registrations.map((one) => one.registrationId)),
  );
  await session.send("ServiceWorker.enable");
  const registrationId = await until(
    () => ids.at(-1),
    (id) => id !== undefined,
  );
  await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId: registrationId ?? "", data });
}

describe.skipIf(chromiumPath === undefined)("comments and notifications of the app in Chromium", () => {
  const platform = usePlatform({ workers: true });
  const app = useApp(platform);

  test("in the app, members comment, edit and report, and a comment written offline stays visible and is sent later", async () => {
    const [creator, member] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Bersihkan masjid");
    await creator.post(`/v1/tasks/${taskId}/comments`, { text: "Kunci ada pada saya." });
    const context = await app.context();
    const { page, errors } = await openPage(context);
    await signIn(page, member);
    await page.goto(`/tasks/${taskId}`);
    await page.getByText("Kunci ada pada saya.").waitFor();
    await write(page, "Jam berapa?");
    await page.getByText("Komentar terkirim.").waitFor();
    await page.locator("article").getByText("Jam berapa?").waitFor();
    expect(await page.getByLabel("Tulis komentar").inputValue()).toBe("");
    await page.getByRole("article").getByRole("button", { name: "Ubah" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Tulis komentar").fill("Jam berapa mulainya?");
    await dialog.getByRole("button", { name: "Simpan" }).click();
    await page.getByText("diubah").waitFor();
    await page.getByRole("article").getByRole("button", { name: "Laporkan" }).click();
    await dialog.getByRole("button", { name: "Kirim laporan" }).click();
    await page.getByText("Laporan terkirim. Terima kasih.").waitFor();
    // Waits for the service worker, since the browser would report an error if it were installed offline.
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    await context.setOffline(true);
    await write(page, "Saya datang.");
    await page.getByText("Menunggu dikirim").waitFor();
    await context.setOffline(false);
    await page.locator("article").getByText("Saya datang.").waitFor();
    expect(await textsOf(member, taskId)).toEqual(["Kunci ada pada saya.", "Jam berapa mulainya?", "Saya datang."]);
    assertQuiet(errors);
  });

  test("in the app, the bell counts unread notifications, which are marked as read singly or all at once", async () => {
    const [creator, member] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Jaga anak-anak");
    await member.post(`/v1/tasks/${taskId}/comments`, { text: "Berapa anak?" });
    await member.post(`/v1/tasks/${taskId}/claim`);
    const { page, errors } = await openPage(await app.context());
    await signIn(page, creator);
    await page.getByRole("link", { name: "Pemberitahuan, 2 belum dibaca" }).click();
    await page.getByRole("link", { name: "mengomentari “Jaga anak-anak”" }).click();
    await page.waitForURL(`**/tasks/${taskId}`);
    await page.getByText("Berapa anak?").waitFor();
    await page.getByRole("link", { name: "Pemberitahuan, 1 belum dibaca" }).click();
    await page.getByRole("button", { name: "Tandai semua sudah dibaca" }).click();
    await page.getByRole("link", { name: "Pemberitahuan", exact: true }).waitFor();
    expect((await creator.get("/v1/notifications")).json["unread_count"]).toBe(0);
    assertQuiet(errors);
  });

  test("in the app, a member named as a witness answers on the page of notifications", async () => {
    const [member, witness] = [await platform.person(), await platform.person()];
    const reported = await member.post("/v1/contributions", {
      contribution_type: "community_service",
      title: "Menjaga pos ronda",
    });
    const proof = {
      timestamp: new Date().toISOString(),
      witnesses: [{ witness_name: "Pak Budi", witness_id: witness.id, relationship: "peer" }],
    };
    const path = `/v1/contributions/${String(reported.json["id"])}/evidence`;
    const piece = await member.post(path, { evidence_type: "witness_attestation", proof });
    const { page, errors } = await openPage(await app.context());
    await signIn(page, witness);
    await page.goto("/notifications");
    await page.getByRole("article").filter({ hasText: "Menjaga pos ronda" }).waitFor();
    await page.getByRole("button", { name: "Ya, benar" }).click();
    await page.getByRole("button", { name: "Ya, benar" }).waitFor({ state: "detached" });
    const after = await member.get(`/v1/evidence/${String(piece.json["id"])}`);
    expect(after.json["details"]?.["witnesses"]?.[0]?.["confirmation"]).toBe("confirmed");
    assertQuiet(errors);
  });

  test.skipIf(desktopChromiumPath === undefined)(
    "in the app, members choose kinds, channels and quiet hours of notifications, and a tapped push opens its page",
    async () => {
      const [creator, member] = [await platform.person(), await platform.person()];
      const context = await app.context({ hasNotifications: true });
      const { page, errors } = await openPage(context);
      // Chromium would send a request to a push service on the internet; the stub returns a device of the tests.
      const { subscription } = new Device();
      await page.addInitScript(
        `PushManager.prototype.subscribe = async () => ({ toJSON: () => (${JSON.stringify(subscription)}) });`,
      );
      await signIn(page, creator);
      await page.goto("/me/notifications");
      await page.getByLabel("Pakai jam tenang").check();
      await page.getByLabel("Mulai").fill("22:30");
      const comments = page.getByRole("group", { name: "Komentar", exact: true });
      await comments.getByLabel("Surel").uncheck();
      await page.getByRole("button", { name: "Simpan" }).click();
      await page.getByText("Tersimpan.").waitFor();
      const { json } = await creator.get("/v1/me/notification-settings");
      expect(json["quiet_hours"]).toEqual({ from: "22:30", until: "06:00" });
      expect(json["preferences"]?.["comment_received"]).toEqual({ feed: true, mail: false, push: true });
      expect(json["preferences"]?.["task_claimed"]).toEqual({ feed: true, mail: true, push: true });
      await page.getByRole("button", { name: "Nyalakan di perangkat ini" }).click();
      await page.getByText("Perangkat ini menerima pemberitahuan.").waitFor();
      const devices = () => platform.sql`select endpoint from push_subscriptions where user_id = ${creator.id}`;
      expect(await devices()).toHaveLength(1);

      const taskId = await taskOf(creator, "Pasang lampu jalan");
      await member.post(`/v1/tasks/${taskId}/comments`, { text: "Saya bawa tangga." });
      const feed = await creator.get("/v1/notifications");
      const id = String(feed.json["data"]?.[0]?.["id"]);
      await deliver(context, page, app.origin, JSON.stringify({ id, text: "Pesan tentang lampu" }));
      expect(
        await until(
          () => shown(page),
          (all) => Array.isArray(all) && all.length > 0,
        ),
      ).toEqual(["Gotong Royong: Pesan tentang lampu"]);
      await context
        .serviceWorkers()[0]
        ?.evaluate(
          "self.registration.getNotifications().then(([notification]) => { self.dispatchEvent(new NotificationEvent('notificationclick', { notification })); })",
        );
      await page.waitForURL(`**/tasks/${taskId}`);
      await page.getByText("Saya bawa tangga.").waitFor();
      expect((await creator.get("/v1/notifications")).json["unread_count"]).toBe(0);

      await page.goto("/me/notifications");
      await settled(page);
      await page.getByRole("button", { name: "Matikan di perangkat ini" }).click();
      await page.getByText("Perangkat ini tidak lagi menerima pemberitahuan.").waitFor();
      expect(await devices()).toHaveLength(0);
      assertQuiet(errors);
    },
  );

  test("in the app, a member sets a profile picture of a large photo, others see it, and an admin hides it and shows it again", async () => {
    const [admin, member] = [await platform.person(["admin"]), await platform.person()];
    const taskId = await taskOf(member, "Pasang papan nama");
    const { page, errors } = await openPage(await app.context());
    await signIn(page, member);
    await page.goto("/me/profile");
    const choose = async (buffer: Buffer, name = "saya.png") =>
      page.locator("input[type=file]").last().setInputFiles({ name, mimeType: "image/png", buffer });
    await choose(Buffer.from("ftypheic"), "IMG_0001.HEIC");
    await page.getByText("Foto ini tidak bisa dibuka di sini.").waitFor();
    await choose(await pictureOf(63));
    await page.getByText("Foto ini terlalu kecil.").waitFor();
    await choose(await pictureOf(900));
    await page.getByText("Foto profil terpasang.").waitFor();
    const avatar = page.locator("main img.avatar");
    await avatar.waitFor();
    expect(await violations(page)).toEqual([]);
    const { size_bytes } = (await platform.sql`select size_bytes from avatars where user_id = ${member.id}`)[0] ?? {};
    expect(size_bytes).toBeLessThan(200_000);

    await admin.post(`/v1/users/${member.id}/reports`, { reason: "abuse" });
    const other = await openPage(await app.context());
    await signIn(other.page, admin);
    await other.page.goto(`/tasks/${taskId}`);
    const shown = other.page.locator("main a.person img");
    await shown.waitFor();
    expect(
      await shown.evaluate((one) => ["alt", "width", "height", "loading"].map((key) => one.getAttribute(key))),
    ).toEqual(["", "28", "28", "lazy"]);
    expect(
      await until(
        () => other.page.evaluate("document.querySelector('main a.person img').naturalWidth"),
        (width) => width !== 0,
      ),
    ).toBe(256);
    await other.page.goto("/admin/reports");
    await other.page.getByRole("button", { name: "Sembunyikan foto profil" }).click();
    await other.page.getByLabel("Alasan").fill("Bukan foto orang.");
    await other.page.getByRole("dialog").getByRole("button", { name: "Sembunyikan" }).click();
    await other.page.getByText("Laporan selesai.").waitFor();
    await page.reload();
    await page.getByText("Disembunyikan oleh pengurus: Bukan foto orang.").waitFor();
    expect((await admin.get(`/v1/users/${member.id}`)).json["avatar_url"]).toBeNull();
    await other.page.getByRole("button", { name: "Selesai" }).click();
    await other.page.getByRole("button", { name: "Tampilkan kembali" }).click();
    await other.page.getByText("Ditampilkan kembali.").waitFor();
    expect(typeof (await admin.get(`/v1/users/${member.id}`)).json["avatar_url"]).toBe("string");

    await page.getByRole("button", { name: "Hapus foto profil" }).click();
    await page.getByText("Foto profil dihapus.").waitFor();
    await avatar.waitFor({ state: "detached" });
    for (const one of [errors, other.errors]) assertQuiet(one);
  });
});

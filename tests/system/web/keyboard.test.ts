import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath } from "../../harness/chromium.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph } from "../../harness/scenes.ts";
import { assertQuiet, openPage, overflow, settled, signIn, useApp } from "./browser.ts";

/** The window of 1280×1024 px at 400 %, in which WCAG 2.2 (1.4.10) still requires a usable page. */
const LOW = { width: 320, height: 256 };
/** The visible controls that Tab has not reached yet. */
const LEFT = `[...document.querySelectorAll("a[href], button, input:not([type=radio]), select, textarea, summary")].filter(
  (one) => one.checkVisibility() && one.tabIndex >= 0 && !one.hasAttribute("data-reached"),
)`;
const MOST_PRESSES = 300;

/** Publishes a task. @returns its page's path */
const publish = async (creator: Person, title: string, description = ""): Promise<string> => {
  const task = await creator.post("/v1/tasks", taskInput({ title, description }));
  return `/tasks/${String(task.json["id"])}`;
};

/**
 * Script that marks the focused control as reached, and returns its name and a message if it is covered. Bars, a toast
 * and the window's edges must leave at least 120 px of a control visible, or all of a control that is lower than that
 * (WCAG 2.2, 2.4.11).
 */
const FOCUS = `(() => {
  const control = document.activeElement;
  if (control === null || control === document.body || control.id === "main") return ["", ""];
  control.setAttribute("data-reached", "");
  const shown = control.matches(".hidden-visually") ? control.closest("label") : control;
  const name = (control.labels?.[0] ?? shown).innerText.trim() || control.getAttribute("aria-label") || "";
  const { top, bottom } = shown.getBoundingClientRect();
  let [from, to] = [Math.max(top, 0), Math.min(bottom, innerHeight)];
  const isAbove = control.closest("dialog, .skip, header.top, nav.main") !== null;
  for (const bar of isAbove ? [] : document.querySelectorAll("header.top, nav.main, .toast")) {
    if (!["fixed", "sticky"].includes(getComputedStyle(bar).position)) continue;
    if (bar.matches("header")) from = Math.max(from, bar.getBoundingClientRect().bottom);
    else to = Math.min(to, bar.getBoundingClientRect().top);
  }
  const isVisible = to - from >= Math.min(bottom - top - 2, 120);
  return [name, isVisible ? "" : name + ": " + Math.round(to - from) + " of " + Math.round(bottom - top) + " px are visible"];
})()`;

async function focused(page: Page): Promise<readonly [name: string, covered: string]> {
  const found: unknown = await page.evaluate(FOCUS);
  const [name, covered]: unknown[] = Array.isArray(found) ? found : [];
  return [String(name), String(covered)];
}

/** Presses Tab until the control `name` has the focus. Each control that Tab reaches on the way must be visible. */
async function tabTo(page: Page, name: string, most = 60): Promise<void> {
  const passed: string[] = [];
  while (passed.length < most) {
    const [found, covered] = await focused(page);
    if (passed.length > 0) expect(covered).toBe("");
    if (found === name) return;
    passed.push(found);
    await page.keyboard.press("Tab");
  }
  throw new Error(`"${name}" is not among the first ${most} controls: ${passed.join(" | ")}`);
}

async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
}

async function type(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, label);
  await page.keyboard.type(text);
}

/** Presses Tab through the whole page. @returns the controls that Tab does not reach or that are covered */
async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
    await page.keyboard.press("Tab");
    const [, covered] = await focused(page);
    if (covered !== "") faults.push(covered);
    if ((await page.evaluate(`${LEFT}.length`)) === 0) return faults;
  }
  const left: unknown = await page.evaluate(`${LEFT}.map((one) => "not reached: " + one.outerHTML.slice(0, 90))`);
  return [...faults, ...(Array.isArray(left) ? left.map(String) : ["the page answered nothing"])];
}

describe.skipIf(chromiumPath === undefined)("the app with the keyboard alone, in small windows", () => {
  const platform = usePlatform({ workers: true });
  const app = useApp(platform);

  test("members publish, claim, complete and prove a task, and verifiers reject it, with the keyboard alone", async () => {
    const [creator, worker] = [await platform.person(), await platform.person()];
    const first = await openPage(await app.context());
    await first.page.goto("/login");
    await settled(first.page);
    await type(first.page, "Alamat email", creator.email);
    await type(first.page, "Kata sandi", creator.password);
    await first.page.keyboard.press("Enter");
    await first.page.locator("nav.main").waitFor();
    await press(first.page, "Buat");
    await first.page.getByLabel("Apa yang perlu dikerjakan?").waitFor();
    await type(first.page, "Apa yang perlu dikerjakan?", "Sapu halaman");
    await type(first.page, "Penjelasan", "Bawa sapu.");
    await press(first.page, "Terbitkan tugas");
    await first.page.waitForURL(/\/tasks\/[\da-f-]{36}$/);

    const second = await openPage(await app.context());
    await signIn(second.page, worker);
    await second.page.goto(new URL(first.page.url()).pathname);
    await second.page.getByText("Belum ada komentar.").waitFor();
    await press(second.page, "Ambil tugas ini");
    await second.page.getByRole("button", { name: "Mulai", exact: true }).waitFor();
    await press(second.page, "Mulai");
    await second.page.getByRole("button", { name: "Selesai, tambahkan bukti" }).waitFor();
    await press(second.page, "Selesai, tambahkan bukti");
    await second.page.waitForURL(/\/contributions\//);
    await second.page.getByText("Belum ada komentar.").waitFor();
    await tabTo(second.page, "Ambil foto");
    const chooser = second.page.waitForEvent("filechooser");
    await second.page.keyboard.press("Enter");
    const photo = Buffer.from(photograph().bytes);
    await (await chooser).setFiles({ name: "halaman.jpg", mimeType: "image/jpeg", buffer: photo });
    await second.page.getByText("Bukti terkirim.").waitFor();
    await press(second.page, "Tambahkan saksi");
    await type(second.page, "Nama saksi", "Ibu Sari");
    await second.page.keyboard.press("Enter");
    await second.page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(async () => (await focused(second.page))[0]).toBe("Tambahkan saksi");
    await expect.poll(() => second.page.getByText("Diterima", { exact: true }).count(), { timeout: 60_000 }).toBe(2);

    const third = await openPage(await app.context());
    await signIn(third.page, await platform.person(["verifier"]));
    await press(third.page, "Periksa");
    await third.page.getByRole("heading", { name: "Sapu halaman" }).waitFor();
    await third.page.keyboard.press("r");
    await press(third.page, "Bukan di tempat itu");
    await third.page.getByText("Suara “tolak” tersimpan.").waitFor();
    for (const { errors } of [first, second, third]) assertQuiet(errors);
  });

  test("Tab reaches every control of each page, and no bar covers the focused one, also at 400 %", async () => {
    const [admin, member] = [await platform.person(["verifier", "admin"]), await platform.person()];
    const contributionId = await contributionOf(member);
    const taskPath = await publish(member, "Ajar berhitung");
    for (const text of ["Jam berapa?", "Jam tujuh.", "Siap."]) await member.post(`/v1${taskPath}/comments`, { text });
    const { page, errors } = await openPage(await app.context());
    await signIn(page, admin);
    const faults: string[] = [];
    const check = async (path: string) => {
      await page.goto(path);
      await settled(page);
      faults.push(...(await faultsOf(page)).map((fault) => `${path} ${fault}`));
    };
    for (const path of [
      taskPath,
      "/",
      "/tasks/new",
      "/notifications",
      "/verify",
      "/me",
      "/me/notifications",
      `/contributions/${contributionId}`,
      `/members/${member.id}`,
      "/admin/failures",
      "/admin/members",
    ])
      await check(path);
    await page.setViewportSize(LOW);
    await check(taskPath);
    expect(faults).toEqual([]);
    assertQuiet(errors);
  });

  test("at 360 px, a toast covers neither the focused control nor the end of the page, and takes no taps", async () => {
    const [creator, member] = [await platform.person(), await platform.person()];
    const path = await publish(creator, "Perbaiki pagar");
    for (const text of ["Jam berapa?", "Jam tujuh.", "Bawa apa?", "Paku."])
      await creator.post(`/v1${path}/comments`, { text });
    const { page, errors } = await openPage(await app.context());
    await signIn(page, member);
    await page.goto(path);
    await page.getByText("Paku.").waitFor();
    await type(page, "Tulis komentar", "Saya bawa palu.");
    await press(page, "Kirim komentar");
    const toast = page.locator(".toast");
    await toast.waitFor();
    await page.locator("article").getByText("Saya bawa palu.").waitFor();
    await expect.poll(() => focused(page)).toEqual(["Kirim komentar", ""]);
    await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)");
    expect(await focused(page)).toEqual(["Kirim komentar", ""]);
    const isBehind = await page.evaluate(
      "(() => { const toast = document.querySelector('.toast'); const { left, top, width, height } = toast.getBoundingClientRect(); return document.elementFromPoint(left + width / 2, top + height / 2) === toast; })()",
    );
    expect(isBehind, "whether the toast takes a tap").toBe(false);
    assertQuiet(errors);
  });

  test("with 1,000 tasks and 100 people, the focus follows the list, search finds a task, and a few keys skip the list of people", async () => {
    const creator = await platform.person();
    const { sql } = platform;
    const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
    await sql`insert into tasks (id, creator_id, title, description, difficulty) select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ${creator.id}, 'Tugas nomor ' || n, 'Bawa sapu.', 'easy' from generate_series(1, 1000) n`;
    await sql`insert into users (id, username, email, password_hash) select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'warga-' || n, 'warga' || n || '@example.org', 'x' from generate_series(1, 100) n`;
    await sql`update tasks set people_needed = 100, places_taken = 99 where id = ${idOf(500)}`;
    await sql`insert into task_assignments (id, task_id, user_id, assigned_by) select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ${idOf(500)}, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid from generate_series(1, 99) n`;
    // Publishes this task by the API, which invalidates the cached list: that list lacks the rows inserted above.
    await publish(creator, "Tugas terbaru");
    const { page, errors } = await openPage(await app.context());
    await signIn(page, creator);
    const cards = page.locator("a.card");
    await cards.first().waitFor();
    const count = await cards.count();
    await page.getByRole("button", { name: "Tampilkan lagi" }).press("Enter");
    await expect.poll(() => cards.count()).toBe(2 * count);
    const isNew = `document.activeElement === document.querySelectorAll("a.card")[${count}]`;
    await expect.poll(() => page.evaluate(isNew)).toBe(true);
    expect((await focused(page))[1]).toBe("");
    await page.getByRole("searchbox").fill("nomor 500");
    await page.getByRole("link", { name: "Tugas nomor 500" }).press("Enter");
    await page.getByText("Belum ada komentar.").waitFor();
    const folded = page.locator("summary").filter({ hasText: "99 orang" });
    await expect.poll(() => folded.count()).toBe(2);
    await tabTo(page, "Tulis komentar", 25);
    for (const one of await folded.all()) await one.press("Enter");
    await page.getByRole("group", { name: "Kehadiran warga-99" }).waitFor();
    expect(await overflow(page)).toBe(0);
    assertQuiet(errors);
  });

  test("names without spaces and Arabic texts fit into 320 px, and squeeze no button into a column of letters", async () => {
    const [person, creator] = [await platform.person(["admin"]), await platform.person()];
    const renamed = await creator.send("PATCH", "/v1/me", { display_name: "W".repeat(80) });
    const long = await publish(creator, "Kerjabakti".repeat(8));
    const arabic = await publish(creator, "تنظيف الشارع أمام المسجد", "أحضروا قفازات.");
    // 320 px is a window of 1280 px at 400 %, and of 640 px at 200 %.
    const context = await app.context({ size: { width: 320, height: 640 } });
    const { page } = await openPage(context);
    await signIn(page, person);
    const paths = ["/", long, arabic, `/members/${creator.id}`, "/tasks/new", "/me", "/work"];
    for (const path of paths) {
      await page.goto(path);
      await settled(page);
      expect(await overflow(page), path).toBe(0);
    }
    await page.goto("/admin/members");
    await page.getByLabel("Cari anggota").fill(String(renamed.json["username"]));
    const box = await page
      .getByRole("button", { name: `Ubah peran ${String(renamed.json["username"])}` })
      .boundingBox();
    expect(box?.height, "px of a button whose text has one or two lines").toBeLessThan(100);
    await page.goto(arabic);
    await page.getByText("أحضروا قفازات.").waitFor();
    const gap = await page.evaluate(
      "(() => { const text = document.querySelector('p.pre'); const range = document.createRange(); range.selectNodeContents(text); return text.getBoundingClientRect().right - range.getBoundingClientRect().right; })()",
    );
    expect(Number(gap), "px from the right edge").toBeLessThan(30);
  });
});

import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort } from "@gotong/local/ports.ts";
import { chromiumPath } from "../../harness/chromium.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, until } from "../../harness/scenes.ts";
import { sized } from "../../harness/size.ts";
import { Program } from "../kills/part.ts";
import { DIST, ROOT, choose, evidenceOf, scratch, taskOf } from "./acts.ts";
import { openPage, signIn, useApp } from "./browser.ts";

const IS_LONG = sized(0, 1) === 1;
const HOUR_MS = 3_600_000;

describe.skipIf(!IS_LONG || chromiumPath === undefined)("failures in Chromium that take long lose no data", () => {
  const platform = usePlatform({ workers: true });
  const app = useApp(platform);

  test.each([HOUR_MS, -HOUR_MS])(
    "a device clock that is wrong by %d ms does not change the time of a location reading, even if it waits to be sent",
    async (wrongMs) => {
      const person = await platform.person();
      const contributionId = await contributionOf(person);
      const context = await app.context();
      const { page } = await openPage(context);
      await page.addInitScript(
        `{ const right = Date.now; class Wrong extends Date { constructor(...given) { if (given.length === 0) super(right() + ${wrongMs}); else super(...given); } static now() { return right() + ${wrongMs}; } } globalThis.Date = Wrong; }`,
      );
      await signIn(page, person);
      await page.goto(`/contributions/${contributionId}`);
      await page.getByRole("button", { name: "Tambahkan tempat saya" }).waitFor();
      await context.setOffline(true);
      await page.getByRole("button", { name: "Tambahkan tempat saya" }).click();
      await page.getByText("Disimpan. Akan dikirim saat ada jaringan.").waitFor();
      await context.setOffline(false);
      const [piece] = await until(
        () => evidenceOf(person, contributionId),
        (all) => all.length > 0,
      );
      const timestamp = Date.parse(String(Reflect.get(Object(piece), "timestamp")));
      expect(Math.abs(timestamp - Date.now())).toBeLessThan(10 * 60_000);
    },
  );

  test("an act and an upload during which the API is killed are each done once after its restart", async () => {
    const [person, creator] = [await platform.person(), await platform.person()];
    const taskId = await taskOf(creator, "Angkat batu");
    const contributionId = await contributionOf(person);
    const port = String(await freePort());
    const origin = `http://localhost:${port}`;
    const api = new Program({
      name: "api",
      weight: 1,
      file: join(ROOT, "packages/api/src/server.ts"),
      variables: {
        ...platform.variables,
        STAGE: "dev",
        HOST: "127.0.0.1",
        PORT: port,
        APP_DIR: DIST,
      },
      logFile: join(scratch(), "api.log"),
      isReady: async () => (await fetch(`${origin}/live`).catch(() => undefined))?.ok === true,
    });
    await api.start();
    try {
      const context = await app.context({ origin });
      const { page } = await openPage(context);
      await signIn(page, person);
      await page.goto(`/tasks/${taskId}`);
      const claim = page.getByRole("button", { name: "Ambil tugas ini" });
      await claim.waitFor();
      // The API performs the act and is killed before the page receives the response.
      await context.route("**/claim", async (route) => {
        await route.fetch();
        await api.kill();
        await route.abort("connectionreset");
        await context.unroute("**/claim");
      });
      await claim.click();
      await page.getByRole("button", { name: "Mulai", exact: true }).waitFor({ timeout: 60_000 });
      expect((await creator.get(`/v1/tasks/${taskId}`)).json["assignee_id"]).toBe(person.id);

      await page.goto(`/contributions/${contributionId}`);
      const storage = `${new URL(platform.aws.endpoint).origin}/**`;
      let isKilled = false;
      await context.route(storage, async (route) => {
        const killed = route.request().method() === "PUT" && !isKilled ? api.kill() : undefined;
        isKilled ||= killed !== undefined;
        await route.continue();
        await killed;
      });
      await choose(page, photograph().bytes);
      await page.getByText("Diterima", { exact: true }).waitFor({ timeout: 90_000 });
      expect(await evidenceOf(person, contributionId)).toHaveLength(1);
    } finally {
      await api.stop();
    }
  });
});

import { cpSync, mkdtempSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { taskInput } from "../../harness/factories.ts";
import type { Answer, Person } from "../../harness/platform.ts";

export const ROOT = join(import.meta.dirname, "..", "..", "..");
export const DIST = join(ROOT, "packages", "web", "dist");
/** A new directory for files of a test. */
export const scratch = () => mkdtempSync(join(tmpdir(), "gotong-app-"));

export const taskOf = async (creator: Person, title: string): Promise<string> => {
  const answer = await creator.post("/v1/tasks", taskInput({ title, description: "Bawa sarung tangan." }));
  return String(answer.json["id"]);
};
export const listOf = (answer: Answer): unknown[] => {
  const data: unknown = answer.json["data"];
  return Array.isArray(data) ? data : [];
};
export const evidenceOf = async (person: Person, contributionId: string) =>
  listOf(await person.get(`/v1/contributions/${contributionId}/evidence`));
export const choose = (page: Page, bytes: Uint8Array) =>
  page
    .locator("input[type=file]")
    .first()
    .setInputFiles({ name: "foto.jpg", mimeType: "image/jpeg", buffer: Buffer.from(bytes) });

export const write = async (page: Page, text: string) => {
  await page.getByLabel("Tulis komentar").fill(text);
  await page.getByRole("button", { name: "Kirim komentar" }).click();
};

/** A copy of the built app whose scripts have other names, like a later version of it. */
export function laterVersion(): string {
  const directory = scratch();
  cpSync(DIST, directory, { recursive: true });
  const assets = join(directory, "assets");
  const names = readdirSync(assets);
  for (const name of names) renameSync(join(assets, name), join(assets, `later-${name}`));
  const texts = ["index.html", "sw.js", ...names.map((name) => join("assets", `later-${name}`))];
  for (const path of texts.map((name) => join(directory, name))) {
    let text = readFileSync(path, "utf8").replace(/"[\da-f]{12}"/, '"later"');
    for (const name of names) text = text.replaceAll(name, `later-${name}`);
    writeFileSync(path, text);
  }
  return directory;
}

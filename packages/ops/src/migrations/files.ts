import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Returns the content of each SQL file of a folder, in the order of their names. */
export async function migrationFiles(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  return new Map(names.map((name, index) => [name, texts[index] ?? ""]));
}

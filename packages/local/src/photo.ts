import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "..", "assets", "demo-photo.jpg");
const PLACEHOLDER_TIME = "2026:01:01 00:00:00";
const PLACEHOLDER_ID = "0".repeat(32);

/**
 * Returns the demo's photo with the time `takenAt` and a unique id, since one file can be evidence of only one
 * contribution.
 */
export function demoPhoto(takenAt: Date): Buffer {
  const photo = readFileSync(FILE);
  const time = takenAt.toISOString().slice(0, 19).replaceAll("-", ":").replace("T", " ");
  patch(photo, PLACEHOLDER_TIME, time);
  patch(photo, PLACEHOLDER_ID, randomBytes(16).toString("hex"));
  return photo;
}

function patch(photo: Buffer, from: string, to: string): void {
  const at = photo.indexOf(from, 0, "latin1");
  if (at < 0) throw new Error(`the demo photograph has no ${JSON.stringify(from)} to replace`);
  photo.write(to, at, "latin1");
}

import { join } from "node:path";
import * as v from "valibot";
import { decrypted, decryptedWhole, digestOfStream } from "./age.ts";
import { MANIFEST_FILE, Manifest } from "./manifest.ts";

/**
 * Decrypts every file of a backup and compares its hash.
 * @throws Error with each file that is missing, was modified or does not decrypt
 */
export async function verify(folder: string, identity: string): Promise<Manifest> {
  const manifest = await readManifest(folder, identity);
  const broken: string[] = [];
  for (const { file, sha256 } of [...manifest.tables, ...manifest.objects]) {
    try {
      const digest = await digestOfStream(decrypted(join(folder, file), identity));
      if (digest.sha256 !== sha256) broken.push(`${file} is not the file of this backup`);
    } catch (error) {
      broken.push(`${file} ${reasonOf(error)}`);
    }
  }
  if (broken.length > 0) throw new Error(`the backup is broken, and nothing was restored: ${broken.join("; ")}`);
  return manifest;
}

async function readManifest(folder: string, identity: string): Promise<Manifest> {
  try {
    const text = (await decryptedWhole(join(folder, MANIFEST_FILE), identity)).toString();
    return v.parse(v.pipe(v.string(), v.parseJson(), Manifest), text);
  } catch (error) {
    throw new Error(`the backup is broken, and nothing was restored: ${MANIFEST_FILE} ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (code === "ENOENT") return "is missing";
  const message = error instanceof Error ? error.message : String(error);
  return /no identity matched/i.test(message) ? "was encrypted for another key" : `was changed or cut (${message})`;
}

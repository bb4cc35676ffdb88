import sharp from "sharp";
import { beforeAll, expect, test } from "vitest";
import { readContentCredentials } from "@gotong/core/domain/evidence/examiner/content-credentials.ts";
import { credentialFindings } from "@gotong/core/domain/evidence/findings.ts";
import { runExaminer } from "@gotong/core/domain/evidence/examiner/run.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { type Authority, authority, signed, signerOf } from "../../harness/content-credentials.ts";
import { sha256 } from "../../harness/scenes.ts";

let known: Authority;
let unknown: Authority;
beforeAll(async () => {
  [known, unknown] = [await authority("Known Authority"), await authority("Unknown Authority")];
});

const FORMATS = ["jpeg", "png"] as const;
const PICTURES = 4;

/** Builds a picture with noise, large enough to be evidence. */
async function picture(format: (typeof FORMATS)[number], seed: number): Promise<Uint8Array<ArrayBuffer>> {
  const [width, height] = [800 + seed * 16, 600];
  const noise = Buffer.alloc(width * height * 3);
  let state = seed * 7919 + 1;
  for (const index of noise.keys()) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    noise[index] = (state >>> 24) & 63;
  }
  const image = sharp(noise, { raw: { width, height, channels: 3 } });
  return new Uint8Array(await (format === "jpeg" ? image.jpeg({ quality: 80 }) : image.png()).toBuffer());
}

/** Changes one byte at an offset from the first or last occurrence of a string. */
function changed(file: Buffer, text: string, offset: number, isLast = false): Buffer {
  const at = isLast ? file.lastIndexOf(text) : file.indexOf(text);
  if (at < 0) throw new Error(`the file has no ${text}`);
  const copy = Buffer.from(file);
  copy[at + offset] = (copy[at + offset] ?? 0) ^ 0x01;
  return copy;
}

const good = async (file: Uint8Array<ArrayBuffer>) => signed(file, await signerOf(known, "Acme Cameras"));
type Made = (file: Uint8Array<ArrayBuffer>) => Promise<Buffer>;
/**
 * Kinds of files: how a test makes each, and the integrity and trust of content credentials that the examiner must find
 * in it.
 */
const KINDS: Readonly<Record<string, [make: Made, reading: string | undefined]>> = {
  "without a manifest": [async (file) => Buffer.from(file), undefined],
  "signed by a trusted signer": [good, "intact, trusted"],
  "signed by an unknown signer": [
    async (file) => signed(file, await signerOf(unknown, "Acme Cameras")),
    "intact, unknown",
  ],
  "signed with an expired certificate": [
    async (file) => signed(file, await signerOf(known, "Acme Cameras", [-20, -5])),
    "intact, expired",
  ],
  "with other pixels than were signed": [
    async (file) => {
      const copy = await good(file);
      const at = copy.length - 200; // changes one byte of the pixels
      copy[at] = (copy[at] ?? 0) ^ 0x01;
      return copy;
    },
    "broken, trusted",
  ],
  "with another signature": [async (file) => changed(await good(file), "c2pa.signature", 40, true), "broken"],
  "with another assertion": [async (file) => changed(await good(file), "c2pa.created", 8), "broken"],
  "without an assertion that was signed": [async (file) => changed(await good(file), "c2pa.actions", 6), "broken"],
};

for (const format of FORMATS)
  test.each(Object.entries(KINDS))(
    `in a ${format} %s, the examiner finds the expected integrity and trust of content credentials`,
    async (_kind, [make, reading]) => {
      for (let seed = 1; seed <= PICTURES; seed += 1) {
        const read = await readContentCredentials(await make(await picture(format, seed)), known.pem);
        const found = read && `${read.integrity}, ${read.trust}`;
        expect(reading?.includes(",") === false ? read?.integrity : found).toBe(reading);
      }
    },
  );

test("the tests above covered the content credentials of at least 60 files", () => {
  expect(FORMATS.length * PICTURES * Object.keys(KINDS).length).toBeGreaterThanOrEqual(60);
});

test("content credentials are not trusted without anchors (trusted root certificates), nor with an anchor of another authority", async () => {
  const file = await good(await picture("jpeg", 9));
  expect(await readContentCredentials(file, "")).toMatchObject({ integrity: "intact", trust: "unknown" });
  expect(await readContentCredentials(file, unknown.pem)).toMatchObject({ integrity: "intact", trust: "unknown" });
});

test("the examiner reads content credentials in its own process, with the signer's name, under its usual limits", async () => {
  Config.use({ CONTENT_CREDENTIAL_ANCHORS: known.pem });
  const file = await good(await picture("jpeg", 5));
  const declared = { contentType: "image/jpeg", sizeBytes: file.length, sha256: sha256(file) } as const;
  const { result } = await runExaminer(file, declared);
  expect(result).toMatchObject({
    ok: true,
    exif: { contentCredentials: { integrity: "intact", trust: "trusted", signer: "Acme Cameras" } },
  });
});

test("broken content credentials cause a finding; missing content credentials and an unknown signer cause none", () => {
  expect(([undefined, "intact", "broken"] as const).map((one) => credentialFindings(one).length)).toEqual([0, 0, 1]);
});

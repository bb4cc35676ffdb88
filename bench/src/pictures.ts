import { createHash, randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import sharp from "sharp";
import type { Task } from "@gotong/core/domain/evidence/examiner/program.ts";
import { type Bundle, bundle } from "../../tests/system/bundle/bundle.ts";
import { unmeasured } from "./cold.ts";
import type { Size } from "./http.ts";
import { type Pairs, paired } from "./paired.ts";
import type { Slice } from "./slice.ts";

const BYTES = 10_000_000;

/**
 * Compares the examination of a photo of 10 MB, in a process of its own as in production, with sharp and SHA-256 on
 * the same bytes.
 */
export async function pictures({ rounds }: Size): Promise<Pairs[]> {
  const photo = await photograph();
  const sha256 = createHash("sha256").update(photo).digest("hex");
  const declared = { contentType: "image/jpeg" as const, sizeBytes: photo.length, sha256 };
  const task: Task = { declared, form: "evidence", pictureMegabytes: 352, trustAnchors: "" };
  const [examiner, alone] = [
    await bundle("packages/core/src/domain/evidence/examiner/program.ts"),
    await bundle("bench/src/peers/sharp-alone.ts"),
  ];
  const ours = () => cpuOf(examiner, [JSON.stringify(task)], photo);
  const peer = () => cpuOf(alone, [], photo);
  try {
    return [
      await paired("A/A: sharp + SHA-256, twice", rounds, peer, peer),
      await paired(
        `examination, ${(photo.length / 1e6).toFixed(1)} MB photograph : sharp + SHA-256`,
        rounds,
        ours,
        peer,
      ),
    ];
  } finally {
    examiner.remove();
    alone.remove();
  }
}

/** Returns a picture of about 10 MB, with the noise of a camera's sensor. */
async function photograph(): Promise<Buffer> {
  const [width, height] = [4000, 3000];
  const noise = sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } });
  const picture = await noise.blur(0.8).raw().toBuffer();
  let made: Buffer = Buffer.alloc(0);
  for (let quality = 60; quality <= 98 && made.length < BYTES * 0.95; quality += 2)
    made = await sharp(picture, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .toBuffer();
  return made;
}

/** Measures the CPU time of a whole process that reads a file from stdin. */
async function cpuOf({ file }: Bundle, args: readonly string[], bytes: Buffer): Promise<Slice> {
  const preload = `data:text/javascript,process.on("exit",()=>{const{userCPUTime:u,systemCPUTime:s,maxRSS:m}=process.resourceUsage();process.stderr.write("\\n"+(u+s)/1000+" "+m/1024)})`;
  const child = spawn(process.execPath, ["--import", preload, file, ...args], { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  child.stdin.on("error", () => undefined); // a process that ends early states its reason in stderr
  child.stdin.end(bytes);
  const [code] = await once(child, "close");
  const [cpuMs = Number.NaN, megabytes = Number.NaN] = said.split("\n").at(-1)?.split(" ").map(Number) ?? [];
  if (code !== 0) throw new Error(`${file} ended with ${String(code)}: ${said}`);
  return { ...unmeasured, requestsPerSecond: 1000 / cpuMs, cpuMs, residentMegabytes: megabytes };
}

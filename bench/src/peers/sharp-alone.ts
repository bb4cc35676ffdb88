// Decodes a picture from stdin to a thumbnail, and hashes its bytes: the minimum work of any examination.
import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import sharp from "sharp";

sharp.concurrency(1);
sharp.cache(false);
const bytes = await buffer(process.stdin);
createHash("sha256").update(bytes).digest("hex");
await sharp(bytes).resize(320, 320, { fit: "inside" }).jpeg({ quality: 75 }).toBuffer();

import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { AVATAR_BYTES, AVATAR_TYPES } from "./rules.ts";

const { smallest, largest } = AVATAR_BYTES;

export const UploadRequest = v.strictObject({
  content_type: Input.oneOf(AVATAR_TYPES),
  size_bytes: v.pipe(
    v.number("must be a number"),
    v.integer("must be a whole number"),
    v.minValue(smallest, `must be at least ${smallest}`),
    v.maxValue(largest, `must be at most ${largest}`),
  ),
  sha256: v.pipe(Input.string(), v.toLowerCase(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 as 64 hex digits")),
});

export const Choice = v.strictObject({ upload_id: Input.uuid });

/** The name of a picture in its path. */
export const Name = v.strictObject({
  name: v.pipe(Input.string(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 as 64 hex digits")),
});

export * as AvatarInput from "./input.ts";

import * as v from "valibot";
import { Exif } from "./examiner/result.ts";
import type { Details } from "./schema.ts";

/** The metadata of a file, in the form that verifiers see; null for a file that was not read. */
export function toReadings(exif: unknown): Details["file"] {
  const read = v.safeParse(Exif, exif);
  if (!read.success) return null;
  const { taken, gpsTime, place, camera, contentCredentials, pages, durationSeconds } = read.output;
  return {
    taken_at: taken?.local ?? null,
    utc_offset: taken?.offset ?? null,
    gps_time: gpsTime ?? null,
    location: place ?? null,
    camera: camera ?? null,
    content_credentials: contentCredentials ?? null,
    pages: pages ?? null,
    duration_seconds: durationSeconds ?? null,
  };
}

import * as v from "valibot";
import { IDLE, type LoadProfile, profileOf } from "./profile.ts";

const amount = v.optional(v.pipe(v.number(), v.minValue(0)));
/**
 * Schema of a file with a load profile. It may contain any field of `profile.ts`; the others are computed from the
 * number of users.
 */
const LoadFile = v.strictObject({
  name: v.string(),
  users: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e9)),
  requests: amount,
  requestMilliseconds: amount,
  answerKb: amount,
  appFiles: amount,
  appPages: amount,
  appFileKb: amount,
  pictureLoads: amount,
  pictureEdgeShare: amount,
  pictureKb: amount,
  coldStartShare: amount,
  coldStartMilliseconds: amount,
  acts: amount,
  events: amount,
  attemptsPerEvent: amount,
  photos: amount,
  photoMb: amount,
  viewsPerPhoto: amount,
  thumbnailViewsPerPhoto: amount,
  monthsOfPhotos: amount,
  mails: amount,
  databaseAwakeHours: amount,
  databaseAcu: amount,
  databaseGb: amount,
  cacheGb: amount,
});

/** Parses a load profile. @throws Error with the invalid field */
export function loadOf(text: string): LoadProfile {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), LoadFile), text);
  if (!result.success) throw new Error(`the load profile: ${v.summarize(result.issues)}`);
  const given = Object.fromEntries(Object.entries(result.output).filter(([, value]) => value !== undefined));
  return { ...(result.output.users === 0 ? IDLE : profileOf(result.output.users)), ...given };
}

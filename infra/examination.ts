import { deployment, stage } from "./stage.ts";

const { utcOffsets } = deployment;

/** What the bucket can do (`core/src/platform/config/storage.ts`). */
export const storageEnvironment: Record<string, string> = stage.hasObjectLock
  ? { S3_CAPABILITIES: "versions,tags,lock" }
  : {};

/** Settings of examinations of evidence: the time zones of the members, and whether originals are locked. */
export const examinationEnvironment: Record<string, string> = {
  ...storageEnvironment,
  ...(utcOffsets === undefined ? {} : { COMMUNITY_UTC_OFFSETS: utcOffsets }),
};

import { deployment } from "./stage.ts";

const { utcOffsets } = deployment;

/** What examinations of evidence are told: the time zones of the members. */
export const examinationEnvironment: Record<string, string> =
  utcOffsets === undefined ? {} : { COMMUNITY_UTC_OFFSETS: utcOffsets };

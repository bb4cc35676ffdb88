import { deployment, stage } from "./stage.ts";

const { utcOffsets } = deployment;

/**
 * The setting that names the malware scanner of evidence. With it, the API rejects downloads of a file until the
 * scanner has reported a result.
 */
export const scannerEnvironment: Record<string, string> =
  stage.malwareScanner === undefined ? {} : { MALWARE_SCANNER: stage.malwareScanner };

/** Optional features of the bucket (`core/src/platform/config/storage.ts`). */
export const storageEnvironment: Record<string, string> = {
  ...(stage.hasObjectLock ? { S3_CAPABILITIES: "versions,tags,lock" } : {}),
  ...scannerEnvironment,
};

/**
 * Settings of the workers that examine evidence: S3 Object Lock, with which they lock genuine originals; the malware
 * scanner; and the UTC offsets of the members, with which they compare the time of a picture that states no offset.
 */
export const examinationEnvironment: Record<string, string> = {
  ...storageEnvironment,
  ...(stage.malwareScanner === "clamd" ? { CLAMD_URL: "tcp://clamav:3310" } : {}), // the Service in infra/kubernetes/clamav.yaml
  ...(utcOffsets === undefined ? {} : { COMMUNITY_UTC_OFFSETS: utcOffsets }),
};

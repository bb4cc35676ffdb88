import { and, isNotNull, isNull, or } from "drizzle-orm";
import { Config } from "../../platform/config.ts";
import { evidence } from "./evidence.sql.ts";

/**
 * Condition: the original may be downloaded. On a stage with a scanner, the scanner has found nothing, or the file was
 * examined before the stage had a scanner.
 */
export const isDownloadable = () =>
  Config.section("storage").MALWARE_SCANNER === "none"
    ? isNull(evidence.threat)
    : and(isNull(evidence.threat), or(isNotNull(evidence.scannedAt), isNotNull(evidence.exif)));

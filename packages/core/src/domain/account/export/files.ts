import { and, asc, eq, gt, isNull } from "drizzle-orm";
import { Clock } from "../../../platform/clock.ts";
import { Db } from "../../../platform/db/index.ts";
import { evidence, uploads } from "../../evidence/evidence.sql.ts";
import { EvidenceView, isDownloadable } from "../../evidence/index.ts";
import { Storage } from "../../../platform/storage/index.ts";
import type { Keyed } from "./keyed.ts";

/** Time for which a link of an export is valid; a client gets a new link by requesting the part again. */
const LINK_SECONDS = 900;

/** Links to the originals and thumbnails of the member's own evidence, in the order of the evidence. */
export async function filesOf(userId: string, after: string, most: number): Promise<Keyed[]> {
  const rows = await Db.use()
    .select({ row: evidence, upload: uploads })
    .from(evidence)
    .innerJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(
      and(
        eq(evidence.submittedBy, userId),
        isNull(evidence.erasedAt),
        isDownloadable(),
        after === "" ? undefined : gt(evidence.id, after),
      ),
    )
    .orderBy(asc(evidence.id))
    .limit(most);
  const expiresAt = new Date(Clock.now().getTime() + LINK_SECONDS * 1000).toISOString();
  return Promise.all(
    rows.map(async ({ row, upload }) => ({
      key: row.id,
      item: {
        evidence_id: row.id,
        upload_id: upload.id,
        file_name: upload.fileName,
        content_type: upload.contentType,
        size_bytes: upload.sizeBytes,
        sha256: upload.sha256,
        url: await Storage.presignGet(
          upload.objectKey,
          row.objectVersionId ?? undefined,
          upload.fileName,
          LINK_SECONDS,
        ),
        thumbnail_url: EvidenceView.hasThumbnail(row)
          ? await Storage.presignGet(Storage.thumbnailKey(row.id), undefined, "thumbnail.jpg", LINK_SECONDS)
          : null,
        expires_at: expiresAt,
      },
    })),
  );
}

import { createHash } from "node:crypto";

interface Part {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: string | undefined;
}

/** A request that belongs to an upload in parts: its start, one of its parts, its list of parts, or its end. */
export interface Forwarded {
  readonly method: string | undefined;
  readonly url: URL;
  readonly checksum: string | undefined;
  readonly body: Buffer;
}

/** Whether a request belongs to an upload in parts. */
export const isOfParts = ({ searchParams }: URL): boolean =>
  searchParams.has("uploads") || searchParams.has("uploadId");

/**
 * Lists the parts of open uploads, since the emulator does not support `ListParts`. The lists are only in memory: after
 * a restart, an upload in parts looks like one that S3's lifecycle has ended.
 */
export class PartLists {
  readonly #uploads = new Map<string, Map<number, Part>>();

  /** Records a request that the emulator has answered with success. */
  note({ method, url, checksum, body }: Forwarded, answer: string): void {
    const uploadId = url.searchParams.get("uploadId");
    if (uploadId === null) {
      const [, begun] = /<UploadId>([^<]+)<\/UploadId>/.exec(answer) ?? [];
      if (begun !== undefined) this.#uploads.set(begun, new Map());
    } else if (method === "PUT") {
      const etag = `"${createHash("md5").update(body).digest("hex")}"`;
      const part = { sizeBytes: body.length, etag, checksum };
      this.#uploads.get(uploadId)?.set(Number(url.searchParams.get("partNumber")), part);
    } else this.#uploads.delete(uploadId);
  }

  /** The response to `ListParts`; undefined for an upload that is not open. */
  list(url: URL): string | undefined {
    const parts = this.#uploads.get(url.searchParams.get("uploadId") ?? "");
    if (!parts) return undefined;
    const listed = [...parts]
      .toSorted(([a], [b]) => a - b)
      .map(
        ([number, { sizeBytes, etag, checksum }]) =>
          `<Part><PartNumber>${number}</PartNumber><ETag>${etag.replaceAll('"', "&quot;")}</ETag><Size>${sizeBytes}</Size>${
            checksum === undefined ? "" : `<ChecksumSHA256>${checksum}</ChecksumSHA256>`
          }</Part>`,
      );
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListPartsResult><IsTruncated>false</IsTruncated>${listed.join("")}</ListPartsResult>`;
  }
}

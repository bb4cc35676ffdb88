import { type CallOptions, Client, type ClientOptions, sha256 } from "./client.ts";
import type { Operations } from "./operations.ts";
import { putFile } from "./put.ts";
import { DEFAULT_RETRY, retrying } from "./retry.ts";
import type { Evidence } from "./schemas.ts";

export type { Operations } from "./operations.ts";
export type * from "./schemas.ts";
export type { CallOptions, ClientOptions, ListId, OperationId } from "./client.ts";
export { ProblemError } from "./problem.ts";
export type { RetryPolicy } from "./retry.ts";

type UploadBody = Operations["createUpload"]["input"]["body"];

export interface UploadOptions extends Omit<CallOptions, "idempotencyKey"> {
  /** When the picture was taken; now unless given. */
  readonly takenAt?: Date;
  /** Taken from a `File` unless given. */
  readonly fileName?: string;
  readonly evidenceData?: Readonly<Record<string, unknown>>;
  /** Told what part of the file has left, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

export class GotongClient extends Client {
  readonly #retry: typeof DEFAULT_RETRY;

  constructor(options: ClientOptions) {
    super(options);
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
  }

  /**
   * Proves a contribution with a file: hashes it, sends it straight to storage and submits it. It is examined from then on; ask
   * `getEvidence` until its status is not `examining`.
   * @throws ProblemError when API or storage refuse it, TypeError when the network fails for good
   */
  async uploadEvidence(contributionId: string, file: Blob, options: UploadOptions = {}): Promise<Evidence> {
    const { signal, takenAt = new Date(), onProgress = () => undefined } = options;
    const call = signal ? { signal } : {};
    const path = { contribution_id: contributionId };
    const hash = await sha256(await file.arrayBuffer());
    const declared = {
      file_name: options.fileName ?? nameOf(file),
      content_type: contentType(file),
      size_bytes: file.size,
      sha256: hash,
    };
    const upload = await this.call("createUpload", { path, body: declared }, call);
    await retrying(() => putFile({ ...upload, file, onProgress, signal }), this.#retry, signal);
    const body = {
      evidence_type: "photo_with_timestamp",
      proof: { timestamp: takenAt.toISOString(), media_hash: hash },
      upload_id: upload.upload_id,
      ...(options.evidenceData ? { evidence_data: options.evidenceData } : {}),
    } as const;
    return this.call("submitEvidence", { path, body }, call);
  }
}

const nameOf = (file: Blob) => ("name" in file && typeof file.name === "string" ? file.name : "file");

const TYPES: readonly UploadBody["content_type"][] = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/heic",
  "application/pdf",
  "video/mp4",
];

function contentType(file: Blob): UploadBody["content_type"] {
  const type = TYPES.find((known) => known === file.type);
  if (type === undefined)
    throw new RangeError(`A file of type "${file.type}" cannot be evidence; use ${TYPES.join(", ")}.`);
  return type;
}

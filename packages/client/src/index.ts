import { type CallOptions, Client, type ClientOptions } from "./client.ts";
import { contentTypeOf } from "./file-type.ts";
import type { Operations } from "./operations.ts";
import { sendParts, sendWhole } from "./parts.ts";
import { hasCode } from "./problem.ts";
import { DEFAULT_RETRY, type RetryPolicy, sleep } from "./retry.ts";
import type { Evidence, OwnAvatar } from "./schemas.ts";
import { sha256OfFile } from "./wire.ts";

export type { Operations } from "./operations.ts";
export type * from "./schemas.ts";
export { contentTypeOf } from "./file-type.ts";
export type { CallOptions, ClientOptions, ListId, OperationId, Page } from "./client.ts";
export { ProblemError } from "./problem.ts";
export { type ProofOptions, type ProofProblem, type ProofReport, verifyProof } from "./proof.ts";
export type { RetryPolicy } from "./retry.ts";
export { type TokenStore, storageTokens } from "./session.ts";

type Submission = Operations["submitEvidence"]["input"]["body"];
type Proof<Type extends Submission["evidence_type"]> = Extract<Submission, { evidence_type: Type }>["proof"];

export interface EvidenceOptions extends CallOptions {
  /** The time of the evidence; by default the current time. Required for a retry with the same idempotency key. */
  readonly takenAt?: Date;
  readonly evidenceData?: Readonly<Record<string, unknown>>;
}
export interface UploadOptions extends EvidenceOptions {
  /** The name of the file; by default that of the `File`. */
  readonly fileName?: string;
  /** Called with the fraction of the file that has been sent, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Pause before the second request; each further pause is twice as long, up to 10 s. By default 500. */
  readonly firstPauseMs?: number;
  /** Sum of the pauses after which the method returns a file that is still being examined. By default two minutes. */
  readonly timeoutMs?: number;
}

const LONGEST_PAUSE_MS = 10_000;

export class GotongClient extends Client {
  readonly #retry: RetryPolicy;

  constructor(options: ClientOptions) {
    super(options);
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
  }

  /**
   * Submits a file as evidence: hashes it, uploads it directly to storage and submits it. Renews an expired URL, which
   * does not count towards the hourly limit. Sends a file over 8 MB in parts; called again with the same file within a
   * day, it sends only the missing parts; with the same `idempotencyKey` and `takenAt` too, it never adds a second piece of
   * evidence. The file is examined afterwards: see {@link waitForExamination}.
   * @throws ProblemError if API or storage reject it, RangeError for a type that cannot be evidence, TypeError if the
   * network fails after all retries
   */
  async uploadEvidence(contributionId: string, file: Blob, options: UploadOptions = {}): Promise<Evidence> {
    const { onProgress = () => undefined, signal } = options;
    const fileName = options.fileName ?? nameOf(file);
    const declared = {
      file_name: fileName,
      content_type: contentTypeOf(file, fileName),
      size_bytes: file.size,
      sha256: await sha256OfFile(file),
    };
    const callOptions = signal ? { signal } : {};
    const ask = (own: CallOptions = callOptions) =>
      this.call("createUpload", { path: { contribution_id: contributionId }, body: declared }, own);
    const sending = { file, onProgress, retry: this.#retry, signal };
    const granted = await ask(callOptionsOf(options, "-upload"));
    const path = { upload_id: granted.upload_id };
    const progress = () => this.call("getUpload", { path }, callOptions).catch(nothingToSend);
    if (file.size > granted.part_size_bytes) {
      await sendParts(
        { progress, ask: (part) => this.call("createUploadParts", { path, body: { parts: [part] } }, callOptions) },
        sending,
      );
    } else await sendWhole(granted, async () => ((await progress())?.is_stored === false ? ask() : undefined), sending);
    return this.#submit(contributionId, options, {
      evidence_type: "photo_with_timestamp",
      proof: { timestamp: timestampOf(options), media_hash: declared.sha256 },
      upload_id: granted.upload_id,
      ...dataOf(options),
    });
  }

  /**
   * Uploads a picture of at most 2 MB and sets it as the member's profile picture. It is examined afterwards: see
   * {@link waitForAvatar}.
   * @throws ProblemError if API or storage reject it, RangeError for a type other than JPEG, PNG and WebP, TypeError if
   * the network fails after all retries
   */
  async uploadAvatar(
    file: Blob,
    { onProgress = () => undefined, signal }: Pick<UploadOptions, "onProgress" | "signal"> = {},
  ): Promise<OwnAvatar> {
    const content_type = contentTypeOf(file, nameOf(file));
    if (content_type !== "image/jpeg" && content_type !== "image/png" && content_type !== "image/webp")
      throw new RangeError(`A profile picture cannot be ${content_type}.`);
    const body = { content_type, size_bytes: file.size, sha256: await sha256OfFile(file) };
    const callOptions = signal ? { signal } : {};
    const ask = () => this.call("createAvatarUpload", { body }, callOptions);
    let granted = await ask();
    await sendWhole(granted, async () => (granted = await ask()), { file, onProgress, retry: this.#retry, signal });
    return this.call("setAvatar", { body: { upload_id: granted.upload_id } }, callOptions);
  }

  /**
   * Waits until the profile picture that was set last is examined.
   * @returns the picture: `accepted`, `refused` with its reason, or still `examining` after the timeout
   * @throws ProblemError, TypeError; the signal's reason if it is aborted
   */
  async waitForAvatar({ signal, firstPauseMs = 500, timeoutMs = 120_000 }: WaitOptions = {}): Promise<OwnAvatar> {
    for (let waited = 0, pause = firstPauseMs; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const avatar = await this.call("getOwnAvatar", {}, signal ? { signal } : {});
      if (avatar.status !== "examining" || waited >= timeoutMs) return avatar;
      await sleep(pause, signal);
      waited += pause;
    }
  }

  /**
   * Submits a location as evidence, such as a browser's `GeolocationCoordinates`.
   * @throws ProblemError, TypeError
   */
  proveByPlace(
    contributionId: string,
    reading: Omit<Proof<"gps_verification">, "timestamp">,
    options: EvidenceOptions = {},
  ): Promise<Evidence> {
    const proof = { ...reading, timestamp: timestampOf(options) };
    return this.#submit(contributionId, options, { evidence_type: "gps_verification", proof, ...dataOf(options) });
  }

  /**
   * Submits the statements of 1 to 10 witnesses as evidence.
   * @throws ProblemError, TypeError
   */
  proveByWitnesses(
    contributionId: string,
    witnesses: Proof<"witness_attestation">["witnesses"],
    options: EvidenceOptions = {},
  ): Promise<Evidence> {
    const proof = { witnesses, timestamp: timestampOf(options) };
    return this.#submit(contributionId, options, { evidence_type: "witness_attestation", proof, ...dataOf(options) });
  }

  /**
   * Waits until a piece of evidence is examined.
   * @returns the piece: `accepted`, `awaiting_consent` on another member's contribution, `refused` with its reason, or still
   * `examining` after the timeout
   * @throws ProblemError, TypeError; the signal's reason if it is aborted
   */
  async waitForExamination(evidenceId: string, options: WaitOptions = {}): Promise<Evidence> {
    const { signal, firstPauseMs = 500, timeoutMs = 120_000 } = options;
    const input = { path: { evidence_id: evidenceId } };
    for (let waited = 0, pause = firstPauseMs; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const evidence = await this.call("getEvidence", input, signal ? { signal } : {});
      if (evidence.status !== "examining" || waited >= timeoutMs) return evidence;
      await sleep(pause, signal);
      waited += pause;
    }
  }

  #submit(contributionId: string, options: EvidenceOptions, body: Submission): Promise<Evidence> {
    const path = { contribution_id: contributionId };
    return this.call("submitEvidence", { path, body }, callOptionsOf(options));
  }
}

/** The options of one of the requests of an act, each of which needs a key of its own. */
const callOptionsOf = ({ signal, idempotencyKey }: CallOptions, suffix = ""): CallOptions => ({
  ...(signal ? { signal } : {}),
  ...(idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey}${suffix}` }),
});

/**
 * The API does not find an upload that evidence uses: an earlier attempt has submitted the file, and the submission with
 * the same key returns its evidence.
 */
function nothingToSend(error: unknown): undefined {
  if (!hasCode(error, "NOT_FOUND")) throw error;
}

const timestampOf = ({ takenAt = new Date() }: EvidenceOptions) => takenAt.toISOString();
const dataOf = ({ evidenceData }: EvidenceOptions) => (evidenceData ? { evidence_data: evidenceData } : {});
const nameOf = (file: Blob) => ("name" in file && typeof file.name === "string" ? file.name : "file");

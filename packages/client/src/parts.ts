import { ProblemError } from "./problem.ts";
import { putFile } from "./put.ts";
import { type RetryPolicy, retrying } from "./retry.ts";
import type { Upload, UploadParts, UploadProgress } from "./schemas.ts";
import { sha256 } from "./wire.ts";

/**
 * Maximum number of new URLs for one upload: a presigned URL is valid for 5 minutes, and a large file on a slow network
 * needs several.
 */
const URL_RENEWALS = 10;
/** Maximum number of rounds. If the storage ends an upload during a round, all parts are missing, and the next round sends them again. */
const ROUNDS = 3;

/** The file to send, and the settings for sending it. */
interface Sending {
  readonly file: Blob;
  readonly onProgress: (part: number) => void;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal | undefined;
}

/** The calls to the API about one upload. */
interface PartCalls {
  /** Undefined when evidence uses the upload, so that nothing is left to send. */
  readonly progress: () => Promise<UploadProgress | undefined>;
  readonly ask: (part: { part_number: number; sha256: string }) => Promise<UploadParts>;
}

/**
 * Requests a new URL if the storage rejects the old one as expired. Does not compare times, since the clock of a phone
 * may be wrong.
 */
async function sendRenewing<Ticket>(
  ask: () => Promise<Ticket | undefined>,
  send: (ticket: Ticket) => Promise<void>,
  expired: readonly number[] = [403],
): Promise<void> {
  for (let renewals = 0; ; renewals += 1) {
    const ticket = await ask();
    if (ticket === undefined) return;
    try {
      await send(ticket);
      return;
    } catch (error) {
      const hasExpired = error instanceof ProblemError && expired.includes(error.status);
      if (!hasExpired || renewals === URL_RENEWALS) throw error;
    }
  }
}

/**
 * Sends a file to the URL that was granted for it, which is renewed when it expires. `renew` returns undefined if nothing
 * is left to send.
 */
export async function sendWhole<Ticket extends Pick<Upload, "url" | "headers">>(
  granted: Ticket,
  renew: () => Promise<Ticket | undefined>,
  { file, onProgress, retry, signal }: Sending,
): Promise<void> {
  let next: Promise<Ticket | undefined> | undefined = Promise.resolve(granted);
  const ask = () => {
    const ticket = next ?? renew();
    next = undefined;
    return ticket;
  };
  await sendRenewing(ask, (upload) => retrying(() => putFile({ ...upload, file, onProgress, signal }), retry, signal));
}

/**
 * Sends the parts of a file that the storage does not have, one after the other.
 * @throws ProblemError, TypeError as {@link putFile}
 */
export async function sendParts(calls: PartCalls, { file, onProgress, retry, signal }: Sending): Promise<void> {
  for (let round = 1; ; round += 1) {
    const progress = await calls.progress();
    if (progress === undefined || progress.is_stored) return onProgress(1);
    const { parts, part_size_bytes: size } = progress;
    const there = new Set(parts.map(({ part_number }) => part_number));
    const numbers = Array.from({ length: Math.ceil(file.size / size) }, (_, index) => index + 1);
    const missing = numbers.filter((number) => !there.has(number));
    if (missing.length === 0 || round > ROUNDS) return onProgress(1);
    let sent = parts.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
    for (const part_number of missing) {
      const part = file.slice((part_number - 1) * size, part_number * size);
      const before = sent;
      const show = (fraction: number) => onProgress((before + fraction * part.size) / file.size);
      const declared = { part_number, sha256: await sha256(await part.arrayBuffer()) };
      await sendRenewing(
        () => calls.ask(declared),
        async ({ parts: [ticket] }) => {
          if (ticket) await retrying(() => putFile({ ...ticket, file: part, onProgress: show, signal }), retry, signal);
        },
        [403, 404], // 404: the storage has ended the upload; a new URL begins a new upload
      );
      sent += part.size;
    }
  }
}

import { type OperationId, type Operations, ProblemError, contentTypeOf } from "@gotong/client";
import { call } from "./call.ts";
import { rightTime } from "./clock.ts";
import { assertSize } from "./file-size.ts";
import { changed } from "./read.ts";
import { account, client, codeOf, isOffline } from "./session.ts";
import { signal } from "./signal.ts";
import { Store } from "./store.ts";
import type { TextKey } from "../texts/index.ts";

type Input<Id extends OperationId> = Operations[Id]["input"];
type Answer<Id extends OperationId> = Operations[Id]["answer"];

/** A file of an act, which is kept until the storage has all of its bytes. */
interface FileOfAct {
  readonly blob: Blob;
  readonly name: string;
  /** The time at which the file was created, by the device's clock; not the time at which it is sent. */
  readonly takenAt: string;
}

/** An act of a member that was not sent to the API yet. */
export interface WaitingAct {
  readonly sequence?: number;
  readonly user: string;
  readonly operation: OperationId;
  readonly input: unknown;
  readonly key: string;
  readonly file?: FileOfAct;
  readonly label: TextKey;
  /** The title of the act's content, as its author wrote it. */
  readonly about: string;
  readonly at: string;
  /** The code of the problem with which the API rejected the act; undefined while the act waits. */
  readonly refusal?: string;
}

export interface Doing<Id extends OperationId> {
  readonly operation: Id;
  readonly input: Input<Id>;
  readonly label: TextKey;
  readonly about: string;
  readonly file?: FileOfAct;
  readonly onProgress?: (part: number) => void;
}

export const waiting = signal<readonly WaitingAct[]>([]);
/** The fraction of the file that has been uploaded, by the key of the act. */
export const progress = signal<Readonly<Record<string, number>>>({});

/** Thrown when the browser cannot store an act, because its disk is full or it is in a private window. */
export class NotKept extends Error {}

/**
 * Performs an act at once, or when the network is back. Acts are sent in the order in which the member performed them.
 * @returns the response; undefined when the act waits
 * @throws ProblemError when the API rejects the act; NotKept when there is no network and the browser cannot store the
 * act; RangeError or FileSizeError for a file that cannot be evidence
 */
export async function act<Id extends OperationId>(doing: Doing<Id>): Promise<Answer<Id> | undefined> {
  if (doing.file) assertSize(doing.file.blob.size, contentTypeOf(doing.file.blob, doing.file.name));
  const entry: WaitingAct = {
    user: account.value?.id ?? "",
    operation: doing.operation,
    input: doing.input,
    key: crypto.randomUUID(),
    label: doing.label,
    about: doing.about,
    at: rightTime(),
    ...(doing.file ? { file: doing.file } : {}),
  };
  const mustWait = mine().some((one) => one.refusal === undefined);
  if (!mustWait && navigator.onLine) {
    // Stores a file before it is sent, so that its upload can continue if the page is closed before the end.
    const sequence = doing.file ? await keepAct(entry).catch(() => undefined) : undefined;
    try {
      const work = () => perform<Id>(entry, doing.onProgress);
      const answer = await (doing.file ? inTurn(work) : work());
      await drop(sequence);
      changed();
      return answer;
    } catch (error) {
      const isLater = canBeSentLater(error, doing.file !== undefined);
      if (sequence !== undefined && !isLater) await drop(sequence);
      // Another member was faster, so the displayed data is outdated and is read again.
      if (error instanceof ProblemError && error.status === 409) changed();
      if (!isLater) throw error;
      if (sequence !== undefined) return undefined;
    }
  }
  if (isRepeated(entry)) return undefined;
  await keepAct(entry).catch((cause: unknown) => {
    throw new NotKept("The browser has no room.", { cause });
  });
  return undefined;
}

/** Statuses of a server that is down or restarting, or of an expired session: the same act may succeed later. */
const LATER = new Set([401, 408, 500, 502, 503, 504]);
/** The API still works on an earlier attempt, for example one before a reload of the page. */
const IN_PROGRESS = "IDEMPOTENCY_KEY_IN_USE";

/**
 * Whether an act that failed stays stored, to be sent again. After too many requests (429) only the only copy stays: an
 * act that waited, or one with a file, since the picture may exist nowhere else; any other act is still in its form.
 */
const canBeSentLater = (error: unknown, isOnlyCopy: boolean): boolean =>
  isOffline(error) ||
  (error instanceof ProblemError &&
    (LATER.has(error.status) || error.code === IN_PROGRESS || (isOnlyCopy && error.status === 429)));

/** Whether the last waiting act on the same content is the same: its member has tapped again, since the page shows no change yet. */
function isRepeated({ operation, input, file }: WaitingAct): boolean {
  const pathOf = (value: unknown) => JSON.stringify(Reflect.get(Object(value), "path"));
  const last = mine().findLast((one) => one.refusal === undefined && pathOf(one.input) === pathOf(input));
  return !file && last?.operation === operation && JSON.stringify(last.input) === JSON.stringify(input);
}

const mine = () => waiting.value.filter((one) => one.user === account.value?.id);

async function keepAct(entry: WaitingAct): Promise<number> {
  const sequence = Number(await Store.put("acts", entry));
  await load();
  return sequence;
}

async function drop(sequence: number | undefined): Promise<void> {
  if (sequence === undefined) return;
  await Store.remove("acts", sequence);
  await load();
}

/** Loads the waiting acts, to which other tabs may have added some. */
export async function load(): Promise<void> {
  const stored = await Store.all("acts").catch((): unknown[] => []);
  waiting.set(stored.filter(isAct));
}

const isAct = (value: unknown): value is WaitingAct =>
  typeof value === "object" && value !== null && typeof Reflect.get(value, "operation") === "string";

/** Discards the unsent acts of this member, at sign-out. */
export async function discardMine(): Promise<void> {
  for (const one of mine()) await drop(one.sequence);
}

/** Discards an act that was rejected, or that its member no longer wants to send. */
export const discard = (one: WaitingAct): Promise<void> => drop(one.sequence);

let isSending = false;

/** Runs `work` while no other tab sends acts, nor this tab in another call; Safari before 15.4 has no locks. */
const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
  "locks" in navigator ? navigator.locks.request("gotong-royong acts", work) : work();

/** Sends the waiting acts in order until the network fails. Only one tab sends at a time. */
export async function send(): Promise<void> {
  if (isSending || account.value === undefined) return;
  isSending = true;
  try {
    const work = async () => {
      await load();
      for (const one of mine().filter((entry) => entry.refusal === undefined)) if (!(await sendOne(one))) break;
    };
    await inTurn(work);
  } finally {
    isSending = false;
  }
}

/** @returns whether the next act may be sent */
async function sendOne(one: WaitingAct): Promise<boolean> {
  try {
    await perform(one);
    await drop(one.sequence);
    changed();
    return true;
  } catch (error) {
    if (isOffline(error)) return false;
    if (canBeSentLater(error, true)) return false;
    await Store.put("acts", { ...one, refusal: codeOf(error) });
    await load();
    changed();
    return true;
  }
}

async function perform<Id extends OperationId>(
  one: WaitingAct,
  onProgress: (part: number) => void = () => undefined,
): Promise<Answer<Id>> {
  const show = (part: number) => {
    onProgress(part);
    progress.set({ ...progress.value, [one.key]: part });
  };
  if (one.file) return sendFile<Answer<Id>>(one, one.file, show);
  return call(one.operation, one.input, { idempotencyKey: one.key });
}

/**
 * Sends the file of an act. A repeated attempt continues the upload, and with the key of the act it returns the evidence
 * of an attempt whose response was lost.
 */
function sendFile<T>(one: WaitingAct, file: FileOfAct, onProgress: (part: number) => void): Promise<T> {
  const path: { contribution_id: string } = Reflect.get(Object(one.input), "path");
  const options = {
    fileName: file.name,
    takenAt: new Date(file.takenAt),
    onProgress,
    idempotencyKey: one.key,
    signal: AbortSignal.timeout(10 * 60_000),
  };
  // `Reflect.apply` is untyped, as in `call`: only one operation has a file, and its response is a piece of evidence.
  return Reflect.apply(client.uploadEvidence, client, [path.contribution_id, file.blob, options]);
}

const PAUSE_MS = 20_000;

export function startSending(): void {
  const attempt = () => void send().catch(() => undefined);
  addEventListener("online", attempt);
  document.addEventListener("visibilitychange", attempt);
  account.subscribe(attempt);
  setInterval(() => {
    if (mine().some((one) => one.refusal === undefined)) attempt();
  }, PAUSE_MS);
  attempt();
}

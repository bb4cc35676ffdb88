import { type OperationId, type Operations, ProblemError, contentTypeOf } from "@gotong/client";
import { call } from "./call.ts";
import { rightTime, sleep } from "./clock.ts";
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

/** The key of the act that was stored last: from then on, its form need not keep its text. */
export const stored = signal<string | undefined>(undefined);

/** The act that had waited and was sent last, for a message: its page may have been reloaded. */
export const sent = signal<WaitingAct | undefined>(undefined);

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
  if (!mine().some(isUnsent) && navigator.onLine) {
    // Stores the act before it is sent: if the page is closed before the response, the next page sends it with the same key.
    const storing = store(entry);
    await (doing.file ? storing : Promise.race([storing, sleep(STORING_MS)]));
    try {
      const work = () => perform<Id>(entry, doing.onProgress);
      const answer = await (doing.file ? inTurn(work) : work());
      await settled(entry, storing);
      changed();
      return answer;
    } catch (error) {
      const isLater = canBeSentLater(error, doing.file !== undefined);
      // Another member was faster, so the displayed data is outdated and is read again.
      if (error instanceof ProblemError && error.status === 409) changed();
      if (!isLater) {
        await settled(entry, storing);
        throw error;
      }
      underway.delete(entry.key);
      if ((await storing) !== undefined) {
        await load();
        return undefined;
      }
    }
  }
  if (isRepeated(entry)) return undefined;
  await keepAct(entry).catch((cause: unknown) => {
    throw new NotKept("The browser has no room.", { cause });
  });
  // Other acts wait, although there is a network: for example while a file is being sent.
  if (navigator.onLine) void send().catch(() => undefined);
  return undefined;
}

/** Keys of the acts without a file that this page is sending, which are not shown as waiting. */
const underway = new Set<string>();

/** Longest time that an act waits until it is stored: another tab may be storing a video. */
const STORING_MS = 1000;

/** @returns the act's number; undefined if the browser cannot store it */
async function store(entry: WaitingAct): Promise<number | undefined> {
  if (entry.file === undefined) underway.add(entry.key);
  try {
    const sequence = await keepAct(entry);
    stored.set(entry.key);
    return sequence;
  } catch {
    return undefined;
  }
}

/** Removes an act that the API has answered. Waits only for a file, whose act is shown as waiting. */
async function settled({ key, file }: WaitingAct, storing: Promise<number | undefined>): Promise<void> {
  // An act that stays stored is sent again with its key, and gets the same response.
  const removing = storing.then(drop).then(
    () => underway.delete(key),
    () => underway.delete(key),
  );
  if (file) await removing;
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
  const last = mine().findLast((one) => isUnsent(one) && pathOf(one.input) === pathOf(input));
  return !file && last?.operation === operation && JSON.stringify(last.input) === JSON.stringify(input);
}

const mine = () => waiting.value.filter((one) => one.user === account.value?.id);
const isUnsent = ({ refusal }: WaitingAct): boolean => refusal === undefined;

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
  const all = await Store.all("acts").catch((): unknown[] => []);
  waiting.set(all.filter(isAct).filter(({ key }) => !underway.has(key)));
}

const isAct = (value: unknown): value is WaitingAct =>
  typeof value === "object" && value !== null && typeof Reflect.get(value, "operation") === "string";

/** Discards the unsent acts of a member, by default of the signed-in member, at sign-out. */
export async function discardMine(user = account.value?.id): Promise<void> {
  const all = await Store.all("acts").catch((): unknown[] => []);
  for (const one of all.filter(isAct)) if (one.user === user) await drop(one.sequence);
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
      for (let next = mine().find(isUnsent); next && (await sendOne(next));) next = mine().find(isUnsent);
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
    sent.set(one);
    changed();
    return true;
  } catch (error) {
    if (canBeSentLater(error, true)) return false;
    // The member may have discarded the act meanwhile, or another tab may have had the answer to its own attempt.
    const isStored = (await Store.get("acts", one.sequence ?? 0)) !== undefined;
    if (isStored) await Store.put("acts", { ...one, refusal: codeOf(error) });
    await load();
    changed();
    return true;
  }
}

/** Longest time of one attempt to send a file. */
const FILE_MS = 10 * 60_000;

async function perform<Id extends OperationId>(
  one: WaitingAct,
  onProgress: (part: number) => void = () => undefined,
): Promise<Answer<Id>> {
  const show = (part: number) => {
    onProgress(part);
    progress.set({ ...progress.value, [one.key]: part });
  };
  const ending = new AbortController();
  const { signal: ended } = ending;
  const timer = one.file && setTimeout(() => ending.abort(new DOMException("Too slow.", "TimeoutError")), FILE_MS);
  // Another member may sign in meanwhile, in this tab or in another: a repeated attempt would act in their name.
  const unsubscribe = account.subscribe(() => {
    if (account.value?.id !== one.user) ending.abort(new TypeError("The member has left."));
  });
  try {
    if (one.file) return await sendFile<Answer<Id>>(one, one.file, show, ended);
    return await call(one.operation, one.input, { idempotencyKey: one.key, signal: ended });
  } finally {
    unsubscribe();
    clearTimeout(timer);
  }
}

/**
 * Sends the file of an act. A repeated attempt continues the upload, and with the key of the act it returns the evidence
 * of an attempt whose response was lost.
 */
function sendFile<T>(
  one: WaitingAct,
  file: FileOfAct,
  onProgress: (part: number) => void,
  ended: AbortSignal,
): Promise<T> {
  const path: { contribution_id: string } = Reflect.get(Object(one.input), "path");
  const options = {
    fileName: file.name,
    takenAt: new Date(file.takenAt),
    onProgress,
    idempotencyKey: one.key,
    signal: ended,
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
    if (mine().some(isUnsent)) attempt();
  }, PAUSE_MS);
  attempt();
}

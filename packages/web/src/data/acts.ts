import { type OperationId, type Operations, ProblemError } from "@gotong/client";
import { call } from "./call.ts";
import { changed } from "./read.ts";
import { account, client, codeOf, isOffline } from "./session.ts";
import { signal } from "./signal.ts";
import { Store } from "./store.ts";
import type { TextKey } from "../texts/index.ts";

type Input<Id extends OperationId> = Operations[Id]["input"];
type Answer<Id extends OperationId> = Operations[Id]["answer"];

/** A file with what proves it, kept whole until the storage has it. */
interface FileOfAct {
  readonly blob: Blob;
  readonly name: string;
  /** When the file was made, as the device says: not when it is sent. */
  readonly takenAt: string;
}

/** Something that a member did and the API does not know yet. */
export interface WaitingAct {
  readonly sequence?: number;
  readonly user: string;
  readonly operation: OperationId;
  readonly input: unknown;
  readonly key: string;
  readonly file?: FileOfAct;
  readonly label: TextKey;
  /** What it is about, in the member's own words: a title. */
  readonly about: string;
  readonly at: string;
  /** The code of the API's refusal; undefined while it waits. */
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
/** The fraction of the file on its way, by the key of its act. */
export const progress = signal<Readonly<Record<string, number>>>({});

/** Whether the browser keeps what waits: not on a full disk, nor in some private windows. */
export class NotKept extends Error {}

/**
 * Does one act: at once, or when the network is back. Acts are sent in the order in which they were done.
 * @returns the answer; undefined when the act waits
 * @throws ProblemError when the API refuses it, NotKept when there is neither a network nor room to keep it
 */
export async function act<Id extends OperationId>(doing: Doing<Id>): Promise<Answer<Id> | undefined> {
  const entry: WaitingAct = {
    user: account.value?.id ?? "",
    operation: doing.operation,
    input: doing.input,
    key: crypto.randomUUID(),
    label: doing.label,
    about: doing.about,
    at: new Date().toISOString(),
    ...(doing.file ? { file: doing.file } : {}),
  };
  const mustWait = mine().some((one) => one.refusal === undefined);
  if (!mustWait && navigator.onLine) {
    // A file is kept before it is sent: a page that is closed in the middle goes on with it.
    const sequence = doing.file ? await keepAct(entry).catch(() => undefined) : undefined;
    try {
      const answer = await perform<Id>(entry, doing.onProgress);
      await drop(sequence);
      changed();
      return answer;
    } catch (error) {
      const isLater = canBeSentLater(error, doing.file !== undefined);
      if (sequence !== undefined && !isLater) await drop(sequence);
      // What is shown was true no longer: somebody else was faster.
      if (error instanceof ProblemError && error.status === 409) changed();
      if (!isLater) throw error;
      if (sequence !== undefined) return undefined;
    }
  }
  await keepAct(entry).catch((cause: unknown) => {
    throw new NotKept("The browser has no room.", { cause });
  });
  return undefined;
}

/** Statuses of a server that is down or restarted, or of a session that has ended: the same act may succeed later. */
const LATER = new Set([401, 408, 500, 502, 503, 504]);

/** A file that is refused for now stays, since its picture may be nowhere else; other acts are still in their form. */
const canBeSentLater = (error: unknown, isFile: boolean): boolean =>
  isOffline(error) || (error instanceof ProblemError && (LATER.has(error.status) || (isFile && error.status === 429)));

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

/** Reads what waits; other tabs may have added to it. */
export async function load(): Promise<void> {
  const stored = await Store.all("acts").catch((): unknown[] => []);
  waiting.set(stored.filter(isAct));
}

const isAct = (value: unknown): value is WaitingAct =>
  typeof value === "object" && value !== null && typeof Reflect.get(value, "operation") === "string";

/** Forgets what this member did and is not sent: at sign-out. */
export async function discardMine(): Promise<void> {
  for (const one of mine()) await drop(one.sequence);
}

/** Forgets an act that was refused, or that its member no longer wants. */
export const discard = (one: WaitingAct): Promise<void> => drop(one.sequence);

let isSending = false;

/** Sends what waits, in order, until the network fails. One tab at a time. */
export async function send(): Promise<void> {
  if (isSending || account.value === undefined) return;
  isSending = true;
  try {
    const work = async () => {
      await load();
      for (const one of mine().filter((entry) => entry.refusal === undefined)) if (!(await sendOne(one))) break;
    };
    await ("locks" in navigator ? navigator.locks.request("gotong-royong acts", work) : work());
  } finally {
    isSending = false;
  }
}

/** @returns whether the next one may be sent */
async function sendOne(one: WaitingAct): Promise<boolean> {
  try {
    await perform(one);
    await drop(one.sequence);
    changed();
    return true;
  } catch (error) {
    if (isOffline(error)) return false;
    if (error instanceof ProblemError && (error.status >= 500 || [401, 429].includes(error.status))) return false;
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

/** The same file of the same contribution gets the same upload: what broke off begins anew without a second piece. */
function sendFile<T>(one: WaitingAct, file: FileOfAct, onProgress: (part: number) => void): Promise<T> {
  const path: { contribution_id: string } = Reflect.get(Object(one.input), "path");
  const options = {
    fileName: file.name,
    takenAt: new Date(file.takenAt),
    onProgress,
    signal: AbortSignal.timeout(10 * 60_000),
  };
  // Untyped as in `call`: a file belongs to one operation only, whose answer is the piece of evidence.
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

import type { ListId, OperationId, Operations, Page } from "@gotong/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { keepInEntry, kept } from "../router.ts";
import { call } from "./call.ts";
import { account, isOffline } from "./session.ts";
import { signal, useSignal } from "./signal.ts";
import { Store } from "./store.ts";

/** A counter that each act increments, so that pages read their displayed data again. */
export const changes = signal(0);
export const changed = () => changes.set(changes.value + 1);

export interface Reading<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  /** Whether the value is an earlier response, because there is no network. */
  readonly isStale: boolean;
  readonly isLoading: boolean;
  reload(): void;
}

type Input<Id extends OperationId> = Operations[Id]["input"];
type Answer<Id extends OperationId> = Operations[Id]["answer"];

/** Responses in memory, in addition to those in the browser's database, so that going back shows a page at once. */
const recent: Record<string, unknown> = {};
const RECENT_MOST = 100;

const keyOf = (id: OperationId, input: unknown) => `${account.value?.id ?? "-"} ${id} ${JSON.stringify(input)}`;

let endFirstRead: () => void = () => undefined;
/** Resolves when the first request for data has ended, with or without success. */
export const firstRead = new Promise<void>((resolve) => {
  endFirstRead = resolve;
});

async function fetched<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const answer = await ask().finally(endFirstRead);
  remember(key, answer);
  return answer;
}

function remember(key: string, answer: unknown): void {
  Reflect.deleteProperty(recent, key);
  recent[key] = answer;
  const [oldest, ...others] = Object.keys(recent);
  if (others.length >= RECENT_MOST && oldest !== undefined) Reflect.deleteProperty(recent, oldest);
  // Ignores errors: a full disk must not break reading.
  Store.put("answers", answer, key).catch(() => undefined);
}

/**
 * Reads by one operation: first the stored response, then the new one. Without a network the stored value stays, marked as
 * stale.
 * @param input undefined to read nothing yet
 */
export function useRead<Id extends OperationId>(id: Id, input: Input<Id> | undefined): Reading<Answer<Id>> {
  return useAnswer<Answer<Id>>(input === undefined ? undefined : keyOf(id, input), () => call(id, input));
}

interface Replaceable<T> extends Reading<T> {
  /** Shows another value in place of the response, such as one with a further page. */
  replace(value: T): void;
}

function useAnswer<T>(key: string | undefined, ask: () => Promise<T>): Replaceable<T> {
  const version = useSignal(changes);
  const [count, setCount] = useState(0);
  const [state, setState] = useState<State<T>>(() => begin<T>(key));
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    if (key === undefined) return;
    let isCurrent = true;
    const show = (next: Partial<State<T>>) => {
      if (isCurrent) setState((before) => ({ ...(before.key === key ? before : begin<T>(key)), ...next, key }));
    };
    const again = () => setCount(count + 1);
    show({ isLoading: true });
    if (!(key in recent))
      void Store.get<T>("answers", key)
        .catch(() => undefined)
        .then((value) => (value === undefined || key in recent ? undefined : show({ value, isStale: true })));
    fetched(key, () => latest.current()).then(
      (value) => show({ value, error: undefined, isStale: false, isLoading: false }),
      (error: unknown) => {
        show({ error, isStale: isOffline(error), isLoading: false });
        if (isCurrent && isOffline(error)) addEventListener("online", again);
      },
    );
    return () => {
      isCurrent = false;
      removeEventListener("online", again);
    };
  }, [key, version, count]);
  const shown = state.key === key ? state : begin<T>(key);
  return {
    value: shown.value,
    error: shown.error,
    isStale: shown.isStale,
    isLoading: shown.isLoading,
    reload: () => setCount(count + 1),
    replace: (value) => {
      if (key === undefined) return;
      remember(key, value);
      setState((before) => (before.key === key ? { ...before, value } : before));
    },
  };
}

interface State<T> {
  readonly key?: string;
  readonly value?: T;
  readonly error?: unknown;
  readonly isStale: boolean;
  readonly isLoading: boolean;
}

function begin<T>(key: string | undefined): State<T> {
  // The stored values are untyped. A key belongs to one operation, so its value has the type of that operation's
  // response.
  const value: T | undefined = Reflect.get(Object(recent), key ?? "");
  return {
    ...(key === undefined ? {} : { key }),
    ...(value === undefined ? {} : { value }),
    isStale: false,
    isLoading: true,
  };
}

type Item<Id extends ListId> = Extract<Answer<Id>, { readonly data: readonly unknown[] }>["data"][number];

export interface Listing<T> extends Reading<readonly T[]> {
  /** Loads the next page; undefined when all items are shown. */
  readonly more: (() => void) | undefined;
}

/**
 * Reads a list by pages; what was read is also available offline. The number of shown pages is in the entry of the browser's
 * history: a list that is read again, after an act or by “back” or a reload, is as long as before, so that the reader's
 * position stays.
 */
export function useList<Id extends ListId>(id: Id, input: Input<Id> | undefined): Listing<Item<Id>> {
  type Part = Page<Item<Id>>;
  const key = input === undefined ? undefined : keyOf(id, input);
  const shownPages = () => Number(kept(key ?? "") ?? 1);
  const parts: { query?: object } = input ?? {};
  const following = async (before: Part): Promise<Part> => {
    const page = await call<Part>(id, { ...parts, query: { ...parts.query, cursor: before.next_cursor } });
    return { ...page, data: [...before.data, ...page.data] };
  };
  const first = useAnswer<Part>(key, async () => {
    const pages = shownPages();
    let all = await call<Part>(id, input);
    for (let count = 1; count < pages && all.next_cursor !== null; count += 1) all = await following(all);
    return all;
  });
  const { value } = first;
  const [error, setError] = useState<unknown>();
  const [isLoading, setLoading] = useState(false);
  const more = (before: Part) => {
    setLoading(true);
    const read = async () => {
      try {
        first.replace(await following(before));
        if (key !== undefined) keepInEntry(key, shownPages() + 1);
        setError(undefined);
      } catch (failure) {
        setError(failure);
      } finally {
        setLoading(false);
      }
    };
    void read();
  };
  return {
    ...first,
    value: value?.data,
    error: error ?? first.error,
    isLoading: isLoading || first.isLoading,
    more: value === undefined || value.next_cursor === null || first.isStale ? undefined : () => more(value),
  };
}

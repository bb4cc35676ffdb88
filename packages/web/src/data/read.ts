import type { ListId, OperationId, Operations, Page } from "@gotong/client";
import { useEffect, useRef, useState } from "preact/hooks";
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
  Reflect.deleteProperty(recent, key);
  recent[key] = answer;
  const [oldest, ...others] = Object.keys(recent);
  if (others.length >= RECENT_MOST && oldest !== undefined) Reflect.deleteProperty(recent, oldest);
  // Ignores errors: a full disk must not break reading.
  Store.put("answers", answer, key).catch(() => undefined);
  return answer;
}

/**
 * Reads by one operation: first the stored response, then the new one. Without a network the stored value stays, marked as
 * stale.
 * @param input undefined to read nothing yet
 */
export function useRead<Id extends OperationId>(id: Id, input: Input<Id> | undefined): Reading<Answer<Id>> {
  return useAnswer<Answer<Id>>(input === undefined ? undefined : keyOf(id, input), () => call(id, input));
}

function useAnswer<T>(key: string | undefined, ask: () => Promise<T>): Reading<T> {
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

/** Reads a list by pages; the first page is also available offline. */
export function useList<Id extends ListId>(id: Id, input: Input<Id> | undefined): Listing<Item<Id>> {
  const first = useAnswer<Page<Item<Id>>>(input === undefined ? undefined : keyOf(id, input), () => call(id, input));
  const [rest, setRest] = useState<{ of: unknown; data: readonly Item<Id>[]; cursor: string | null }>();
  const [error, setError] = useState<unknown>();
  const [isLoading, setLoading] = useState(false);
  const isSame = rest !== undefined && rest.of === first.value;
  const cursor = isSame ? rest.cursor : (first.value?.next_cursor ?? null);
  const parts: { query?: object } = input ?? {};
  const more = () => {
    setLoading(true);
    const read = async () => {
      try {
        const page = await call<Page<Item<Id>>>(id, { ...parts, query: { ...parts.query, cursor } });
        setRest({ of: first.value, data: [...(isSame ? rest.data : []), ...page.data], cursor: page.next_cursor });
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
    value: first.value && (isSame ? [...first.value.data, ...rest.data] : first.value.data),
    error: error ?? first.error,
    isLoading: isLoading || first.isLoading,
    more: cursor === null || first.isStale ? undefined : more,
  };
}

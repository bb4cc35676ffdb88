import { useEffect, useState } from "preact/hooks";

/** A value that components observe. */
export interface Signal<T> {
  readonly value: T;
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

export function signal<T>(initial: T): Signal<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get value() {
      return value;
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of a signal; the component renders again when it changes. */
export function useSignal<T>(source: Signal<T>): T {
  const [, render] = useState(0);
  const rendered = source.value;
  useEffect(() => {
    const renderAgain = () => render((count) => count + 1);
    // Effects run after the paint: the value may have changed since it was rendered.
    if (!Object.is(source.value, rendered)) renderAgain();
    return source.subscribe(renderAgain);
  }, [source]);
  return rendered;
}

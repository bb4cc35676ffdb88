/** Where every rule that needs the time of day asks for it; a simulation replaces it with {@link set}. */
let current: () => Date = () => new Date();

/** The present moment. */
export function now(): Date {
  return current();
}

/** Replaces the source of time for this process, and returns a function that puts the former one back. */
export function set(source: () => Date): () => void {
  const former = current;
  current = source;
  return () => {
    current = former;
  };
}

export * as Clock from "./clock.ts";

import { useState } from "preact/hooks";
import { keepInEntry, kept } from "../router.ts";

/** The value, if it is one of `values`; otherwise another one. */
export const among = <T extends string>(values: readonly T[], value: unknown, otherwise: T): T =>
  values.find((one) => one === value) ?? otherwise;

/** A text that “back” and a reload restore, since it is in the entry of the browser's history. */
export function useKeptText(name: string): [text: string, set: (text: string) => void] {
  const [text, setText] = useState(() => {
    const before = kept(name);
    return typeof before === "string" ? before : "";
  });
  const set = (next: string) => {
    setText(next);
    keepInEntry(name, next);
  };
  return [text, set];
}

/** A choice that “back” and a reload restore. Without one, the first value is chosen. */
export function useKeptChoice<T extends string>(
  name: string,
  values: readonly [T, ...T[]],
): [chosen: T, set: (chosen: T) => void] {
  const [text, set] = useKeptText(name);
  return [among(values, text, values[0]), set];
}

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { loadPart } from "../data/part.ts";
import type { Listing, Reading } from "../data/read.ts";
import { signal, useSignal } from "../data/signal.ts";
import { t, textOf, type TextKey } from "../texts/index.ts";
import { Problem } from "./problem.tsx";
import { settle } from "./settle.ts";

const toast = signal<{ text: string } | undefined>(undefined);
let clearing: ReturnType<typeof setTimeout> | undefined;

/** Shows a short confirmation. */
export function say(text: string): void {
  clearTimeout(clearing);
  toast.set({ text });
  clearing = setTimeout(() => toast.set(undefined), 6000);
}

/** Scrolls the focused control out from under bars and toasts, for which `scroll-padding` in style.css leaves room. */
export function showFocused(): void {
  const focused = document.activeElement;
  if (focused?.matches("a, button, input, select, summary, textarea")) focused.scrollIntoView({ block: "nearest" });
}

export function Toast() {
  const shown = useSignal(toast);
  useEffect(() => {
    if (shown) showFocused();
  }, [shown]);
  return <div aria-live="polite">{shown && <p class="toast">{shown.text}</p>}</div>;
}

/** The heading of a page; also sets the window's title. */
export function Heading({ text, children }: { text: string; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${text} · ${t("app_name")}`;
  }, [text]);
  return (
    <div class="row between">
      <h1>{text}</h1>
      {children}
    </div>
  );
}

/** Shows the result of a read, a loading message, or the error. */
export function Shown<T>({ reading, children }: { reading: Reading<T>; children: (value: T) => ComponentChildren }) {
  const { value, error, isStale } = reading;
  if (value === undefined)
    return error === undefined ? <Loading /> : <Problem error={error} onRetry={reading.reload} />;
  return (
    <>
      {error !== undefined && !isStale && <Problem error={error} onRetry={reading.reload} />}
      {children(value)}
    </>
  );
}

export const Loading = () => (
  <p class="soft" role="status">
    {t("loading")}
  </p>
);

/**
 * Loads a part of the app that the first script does not contain.
 * @param load undefined if there is nothing to load
 */
export function usePart<T>(load: (() => Promise<T>) | undefined) {
  const [part, setPart] = useState<T>();
  const [attempt, setAttempt] = useState(1);
  const [failed, setFailed] = useState(0);
  const retry = () => setAttempt(attempt + 1);
  useEffect(() => {
    let isCurrent = true;
    if (load)
      loadPart(load).then(
        (value) => setPart(() => value),
        () => {
          setFailed(attempt);
          // Not in another effect, which runs after the message has been painted: the network may be back by then.
          if (isCurrent) addEventListener("online", retry);
        },
      );
    return () => {
      isCurrent = false;
      removeEventListener("online", retry);
    };
  }, [attempt]);
  return { part, hasFailed: failed === attempt, retry };
}

/** The placeholder of a part that is not loaded yet, or that could not be loaded. */
export function PartMissing({ hasFailed, retry }: { hasFailed: boolean; retry: () => void }) {
  if (!hasFailed) return <Loading />;
  return (
    <div class="notice bad" role="alert">
      <p>{t("part_failed")}</p>
      <button class="link" type="button" onClick={retry}>
        {t("try_again")}
      </button>
    </div>
  );
}

/** Number of people from which a list is collapsed at first. */
const FOLDED_FROM = 11;

/** A list of people. A long list is collapsed at first, so that a keyboard user can skip it with few keys. */
export function Folded({ count, children }: { count: number; children: ComponentChildren }) {
  if (count < FOLDED_FROM) return <>{children}</>;
  return (
    <details>
      <summary>{t("people_count", { count })}</summary>
      {children}
    </details>
  );
}

interface ItemsProps<T> {
  readonly list: Listing<T>;
  readonly empty: string;
  readonly children: (item: T) => ComponentChildren;
  readonly class?: string;
}

/** A list that loads page by page. */
export function Items<T extends { readonly id: string }>({ list, empty, children, ...props }: ItemsProps<T>) {
  const items = useRef<HTMLUListElement>(null);
  /** Number of items before the next page was requested. */
  const before = useRef<number | undefined>(undefined);
  const count = list.value?.length ?? 0;
  useEffect(() => {
    if (before.current === undefined || count <= before.current) return;
    // Moves the focus to the first new item: the button is behind the new items, or gone.
    items.current?.children[before.current]?.querySelector<HTMLElement>("a, button")?.focus();
    before.current = undefined;
  }, [count]);
  const showMore = () => {
    before.current = count;
    list.more?.();
  };
  return (
    <Shown reading={list}>
      {(all) =>
        all.length === 0 ? (
          <p class="card soft">{empty}</p>
        ) : (
          <>
            <ul class={props.class ?? "stack"} ref={items}>
              {all.map((item) => (
                <li key={item.id}>{children(item)}</li>
              ))}
            </ul>
            {list.more && (
              <button class="second wide" type="button" onClick={showMore} aria-disabled={list.isLoading}>
                {list.isLoading ? t("loading") : t("show_more")}
              </button>
            )}
          </>
        )
      }
    </Shown>
  );
}

const TONES: Readonly<Record<string, string>> = {
  open: "",
  assigned: "warn",
  in_progress: "warn",
  completed: "plain",
  cancelled: "plain",
  pending: "warn",
  verified: "",
  accepted: "",
  rejected: "bad",
  refused: "bad",
  withdrawn: "plain",
  examining: "warn",
  awaiting_consent: "warn",
  approved: "",
  dead: "bad",
};

export const Status = ({ value }: { value: string }) => (
  <span class={`badge ${TONES[value] ?? "plain"}`}>{textOf("status", value, "status_other")}</span>
);

/** Marks the entry of an open dialog in the browser's history. */
const SHEET = "sheet";

/** A dialog that asks for confirmation. */
export function Sheet(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Opens the dialog before the browser handles the next key. In an effect after the paint, a quick Tab would have
  // moved the focus away from the opener.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    settle();
    // “Back” closes the dialog, and not the page behind it.
    history.pushState({ ...Object(history.state), [SHEET]: true }, "");
    const onBack = () => dialog.current?.close();
    addEventListener("popstate", onBack);
    return () => {
      removeEventListener("popstate", onBack);
      if (Reflect.get(Object(history.state), SHEET) === true) history.back();
      // A removed dialog loses the focus. Returns the focus to the button that opened the dialog.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body && opener instanceof HTMLElement) opener.focus();
      });
    };
  }, []);
  return (
    <dialog ref={dialog} class="sheet" aria-label={props.title} onClose={props.onClose}>
      <div class="stack">
        <h2>{props.title}</h2>
        {props.children}
        <button class="link" type="button" onClick={() => dialog.current?.close()}>
          {t("close")}
        </button>
      </div>
    </dialog>
  );
}

interface TabsProps<Key extends string> {
  readonly label: TextKey;
  readonly value: Key;
  readonly options: readonly (readonly [key: Key, text: string])[];
  readonly onChoose: (key: Key) => void;
}

/** Scrolls a row of choices, which is wider than a phone, sideways until the chosen one is in its middle. */
export function useChosenInView<Row extends HTMLElement>(chosen: string) {
  const row = useRef<Row>(null);
  useEffect(() => {
    const current = row.current?.querySelector('[aria-current="page"], [aria-pressed="true"]');
    if (!row.current || !current) return;
    const [outer, inner] = [row.current.getBoundingClientRect(), current.getBoundingClientRect()];
    row.current.scrollLeft += inner.left + inner.width / 2 - (outer.left + outer.width / 2);
  }, [chosen]);
  return row;
}

/** A choice of one among a few options, shown as a row of buttons. */
export function Choices<Key extends string>({ label, value, options, onChoose }: TabsProps<Key>) {
  const row = useChosenInView<HTMLDivElement>(value);
  return (
    <div ref={row} class="choices" role="group" aria-label={t(label)}>
      {options.map(([key, text]) => (
        <button
          key={key}
          type="button"
          class={key === value ? "" : "second"}
          aria-pressed={key === value}
          onClick={() => onChoose(key)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

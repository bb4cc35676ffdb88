import { signal, useSignal } from "../data/signal.ts";

/** Longest time between the two taps of a double tap; Android's limit is 300 ms. */
const DOUBLE_TAP_MS = 500;
/** Longest distance between the two taps in CSS pixels; Android's limit is 100 dp, less than the gap of two buttons here. */
const NEAR_PX = 30;

const settling = signal(false);
let ending: ReturnType<typeof setTimeout> | undefined;
let last: { readonly x: number; readonly y: number } | undefined;

/**
 * For the length of a double tap, makes a second tap at the same place do nothing, after the page has changed under the finger: it
 * would otherwise reach the button that has taken the place of the first one, such as “Start” after “Take this task”.
 */
export function settle(): void {
  clearTimeout(ending);
  settling.set(true);
  // Buttons do not look disabled meanwhile: on each new page they would flash.
  document.documentElement.dataset["settling"] = "";
  ending = setTimeout(() => {
    settling.set(false);
    delete document.documentElement.dataset["settling"];
  }, DOUBLE_TAP_MS);
}

export const isSettling = (): boolean => settling.value;
/** Whether buttons are disabled for screen readers and tests, without looking so. */
export const useSettling = (): boolean => useSignal(settling);

export function startSettling(): void {
  const onClick = (event: MouseEvent) => {
    // A key press also causes a click, which has no position.
    if (event.detail === 0) return;
    const isSecond =
      settling.value && last !== undefined && Math.hypot(event.clientX - last.x, event.clientY - last.y) < NEAR_PX;
    if (isSecond && event.target instanceof Element && event.target.closest("a, button, label, summary")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    last = { x: event.clientX, y: event.clientY };
  };
  addEventListener("click", onClick, { capture: true });
}

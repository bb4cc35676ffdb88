const resets: (() => void)[] = [];

/** Registers a function that resets a module to the state of a new process. Called once, when the module is loaded. */
export function onReset(reset: () => void): void {
  resets.push(reset);
}

/**
 * Resets all loaded modules to the state of a new process: clears counts, opened clients and replaced parts (tests, simulation). Settings,
 * clock, log and the database pool have their own functions to set and restore them.
 */
export function resetAll(): void {
  for (const reset of resets) reset();
}

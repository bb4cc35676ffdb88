const resets: (() => void)[] = [];

/** Registers how a module returns to the state of a new process. Called once, when the module is loaded. */
export function onReset(reset: () => void): void {
  resets.push(reset);
}

/**
 * Returns all loaded modules to the state of a new process: what they have counted, opened or had replaced is forgotten
 * (tests, simulation). Settings, clock, log and the database pool are set and put back by their own functions.
 */
export function resetAll(): void {
  for (const reset of resets) reset();
}

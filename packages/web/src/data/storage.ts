interface Values {
  get(key: string): string | null;
  /** @returns whether the value outlives this page */
  set(key: string, value: string): boolean;
  remove(key: string): void;
}

/**
 * Values in a storage of the browser, and in memory where the browser denies it: with blocked site data, in some private
 * windows, and on a full disk even access throws.
 */
function valuesIn(open: () => Storage): Values {
  const memory = new Map<string, string>();
  const attempt = <T>(work: (storage: Storage) => T): T | undefined => {
    try {
      return work(open());
    } catch {
      return undefined;
    }
  };
  return {
    get: (key) => memory.get(key) ?? attempt((storage) => storage.getItem(key)) ?? null,
    set: (key, value) => {
      const isStored =
        attempt((storage) => {
          storage.setItem(key, value);
          return true;
        }) ?? false;
      if (isStored) memory.delete(key);
      else {
        // If a new value does not fit, the former value is removed as well.
        attempt((storage) => storage.removeItem(key));
        memory.set(key, value);
      }
      return isStored;
    },
    remove: (key) => {
      memory.delete(key);
      attempt((storage) => storage.removeItem(key));
    },
  };
}

/** Values of this device, which all tabs share. */
export const device = valuesIn(() => localStorage);
/** Values of this tab, which survive a reload. */
export const tab = valuesIn(() => sessionStorage);

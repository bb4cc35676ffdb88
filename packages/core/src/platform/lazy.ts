/** A module that is loaded at the first call, see {@link lazy}. */
export interface Lazy<Module> {
  (): Promise<Module>;
  /** The module once it is loaded. Code that runs at each request uses it to avoid waiting for a promise. */
  loaded?: Module;
}

/**
 * Loads a module at the first call and keeps it: a cold start does not load it, and later calls do not resolve it again. Node resolves the
 * specifier of an `import()` each time that it runs, which took 4–8 % of a request's CPU time.
 * @param load such as `() => import("./heavy.ts")`; after a failure the next call loads again
 */
export function lazy<Module>(load: () => Promise<Module>): Lazy<Module> {
  let loading: Promise<Module> | undefined;
  const get: Lazy<Module> = () => {
    loading ??= load().then(
      (module) => (get.loaded = module),
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    );
    return loading;
  };
  return get;
}

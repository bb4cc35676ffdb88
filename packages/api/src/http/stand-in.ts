/**
 * An object with some members of a standard one, such as a `Request`. The standard object is created only when another
 * member is used, and from then on it answers for all members.
 * @param own the members that need no standard object
 */
export function standIn<T extends object>(own: Partial<T>, create: () => T): T {
  let standard: T | undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the proxy has the members that `own` lacks
  return new Proxy<T>(own as T, {
    get: (_own, member) => {
      if (member === "then") return undefined; // an async function asks its result for it
      if (standard === undefined && Object.hasOwn(own, member)) return Reflect.get(own, member);
      standard ??= create();
      const value: unknown = Reflect.get(standard, member);
      return typeof value === "function" ? value.bind(standard) : value;
    },
  });
}

/** Trusted Types are not in TypeScript's DOM yet; where a script's address is asked for, it takes a string. */
interface Window {
  readonly trustedTypes?: {
    createPolicy(
      name: string,
      rules: { createScriptURL(value: string): string },
    ): { createScriptURL(value: string): string };
  };
}

/** Declares Trusted Types, which TypeScript's DOM types lack; a script's address is declared as a string there. */
interface Window {
  readonly trustedTypes?: {
    createPolicy(
      name: string,
      rules: { createScriptURL(value: string): string },
    ): { createScriptURL(value: string): string };
  };
}

/** One or more missing or invalid settings. Names the variable and the rule, never the value. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
  }
}

import * as v from "valibot";
import { auth, hashing, proof } from "./config/auth.ts";
import { cache, database, reader } from "./config/database.ts";
import { ConfigError } from "./config/error.ts";
import { fromLinks } from "./config/links.ts";
import { mail } from "./config/mail.ts";
import { webhook, reputation } from "./config/markov.ts";
import { membership, rules } from "./config/membership.ts";
import { queue } from "./config/queue.ts";
import { weakSecrets } from "./config/secrets.ts";
import { service, http } from "./config/service.ts";
import { storage, examination } from "./config/storage.ts";
import { type Variables, withoutUnset } from "./config/values.ts";

export { ConfigError, withoutUnset };

/** Every variable by section. A process parses only the sections that it uses. `.env.example` describes each variable. */
const SECTIONS = {
  service,
  http,
  database,
  reader,
  cache,
  storage,
  examination,
  queue,
  webhook,
  reputation,
  auth,
  proof,
  hashing,
  mail,
  membership,
  rules,
};

export type Section = keyof typeof SECTIONS;
type Settings<Name extends Section> = v.InferOutput<(typeof SECTIONS)[Name]>;

let variables: Variables | undefined;
let parsed: { [Name in Section]?: Settings<Name> } = {};

/** Replaces the environment of the process with `source` (tests, the development stack). Clears parsed sections. */
export function use(source: Variables): void {
  variables = source;
  parsed = {};
}

/**
 * The settings of one section, parsed at first use.
 * @throws ConfigError that names each missing or invalid variable
 */
export function section<Name extends Section>(name: Name): Settings<Name> {
  const known = parsed[name];
  if (known !== undefined) return known;
  const { values, problems } = parse(name);
  if (problems.length > 0 || values === undefined) throw new ConfigError(problems);
  parsed = { ...parsed, [name]: values };
  return values;
}

/**
 * Parses all named sections, so that a process with an invalid setting fails at boot and not at its first request.
 * @throws ConfigError with every problem, one per line
 */
export function check(names: readonly Section[]): void {
  const problems = names.flatMap((name) => parse(name).problems);
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
}

function parse<Name extends Section>(name: Name): { values?: Settings<Name>; problems: string[] } {
  variables ??= { ...process.env, ...fromLinks() };
  const source = withoutUnset(variables);
  const result = v.safeParse<(typeof SECTIONS)[Name]>(SECTIONS[name], source);
  const problems = (result.issues ?? []).map((issue) => {
    const [variable = name] = (v.getDotPath(issue) ?? name).split("."); // a problem of a list item concerns the whole variable
    return `${variable} ${source[variable] === undefined ? "is not set" : issue.message}`;
  });
  if (!result.success) return { problems };
  const stage = source["STAGE"] ?? "dev";
  if (stage !== "dev") problems.push(...weakSecrets(Object.keys(SECTIONS[name].entries), source));
  return { values: result.output, problems };
}

/**
 * All environment variables that a child process gets: only the library path, so that no secret reaches the child
 * process.
 */
export function forPrograms(): Record<string, string> {
  const libraries = process.env["LD_LIBRARY_PATH"];
  return libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries };
}

export * as Config from "./config.ts";

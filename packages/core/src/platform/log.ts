import { Actor } from "./actor.ts";
import { AppError } from "./error.ts";

export type Level = "debug" | "info" | "warn" | "error";
type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const identity = { service: "gotong", stage: "dev" };
let write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`);

/** Says which service and stage the lines of this process come from. */
export function identify(service: string, stage: string): void {
  identity.service = service;
  identity.stage = stage;
}

/** Sends lines elsewhere (tests, the development stack), and returns a function that puts the former place back. */
export function to(sink: (line: string) => void): () => void {
  const former = write;
  write = sink;
  return () => {
    write = former;
  };
}

/** Writes a line that is one already, such as a metric's: it goes where the log goes. */
export function raw(text: string): void {
  write(text);
}

/** The name of the service and of the stage that the lines come from. */
export const origin = (): Readonly<typeof identity> => identity;

/**
 * One JSON object on a line. Fields are flat and chosen by the caller one at a time: whole bodies, headers, errors of others
 * or anything personal never go in.
 */
export function line(level: Level, message: string, fields: Fields = {}): void {
  write(
    JSON.stringify({
      timestamp: new Date().toISOString(),
      level,
      ...identity,
      message,
      request_id: Actor.requestId(),
      ...fields,
    }),
  );
}

export const info = (message: string, fields?: Fields) => line("info", message, fields);
export const warn = (message: string, fields?: Fields) => line("warn", message, fields);

/**
 * An error with what tells a programmer where it is, and nothing that a person typed: messages of foreign errors (a
 * database names the offending value) are left out, name, code and stack frames stay.
 */
export function error(message: string, cause: unknown, fields?: Fields): void {
  line("error", message, { ...fields, ...describe(cause) });
}

/** What a log may hold of an error: see {@link error}. */
export function describe(cause: unknown): Fields {
  if (cause instanceof AppError) return { error: cause.code, ...(cause.cause ? { cause: nameOf(cause.cause) } : {}) };
  if (!(cause instanceof Error)) return { error: typeof cause };
  const frames = cause.stack
    ?.split("\n")
    .filter((frame) => frame.startsWith("    at "))
    .slice(0, 6);
  return { error: nameOf(cause), ...(cause.cause ? { cause: nameOf(cause.cause) } : {}), stack: frames?.join("\n") };
}

function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause;
  const code = "code" in cause && typeof cause.code === "string" ? ` ${cause.code}` : "";
  return `${cause.name}${code}`;
}

export * as Log from "./log.ts";

import { Actor } from "./actor.ts";
import { AppError } from "./error.ts";

export type Level = "debug" | "info" | "warn" | "error";
type Fields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const identity = { service: "gotong", stage: "dev" };
let write: (line: string) => void = (line) => void process.stdout.write(`${line}\n`);

/** Sets the service and stage that every log line of this process contains. */
export function identify(service: string, stage: string): void {
  identity.service = service;
  identity.stage = stage;
}

/** Replaces the output (tests, the development stack). @returns a function that restores the previous output */
export function to(sink: (line: string) => void): () => void {
  const former = write;
  write = sink;
  return () => {
    write = former;
  };
}

/**
 * Collects the lines of one tick of the event loop and writes them at once, since each write is a system call. For
 * servers only: Lambda freezes a function after its last response, possibly before the lines are written. A SIGKILL
 * loses the lines of one tick.
 */
export function batch(): void {
  const single = write;
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) single(lines.join("\n"));
    lines = [];
  };
  process.on("exit", flush);
  write = (text) => {
    if (lines.push(text) === 1) setImmediate(flush);
  };
}

/** Writes a complete line, such as a metric, to the log's output. */
export function raw(text: string): void {
  write(text);
}

/** The service and stage set by {@link identify}. */
export const origin = (): Readonly<typeof identity> => identity;

/**
 * Writes one JSON object on one line. Fields are flat and chosen one by one; never log whole bodies, headers, errors of libraries or personal
 * data.
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
 * Logs an error for programmers, without user input: its name, code and stack frames, but not the messages of other libraries' errors (a
 * database error contains the offending value).
 */
export function error(message: string, cause: unknown, fields?: Fields): void {
  line("error", message, { ...fields, ...describe(cause) });
}

/** The parts of an error that may be logged, see {@link error}. */
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

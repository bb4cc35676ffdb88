import { AsyncLocalStorage } from "node:async_hooks";
import { Config } from "../config.ts";
import { Log } from "../log.ts";
import { Metrics } from "../metrics/index.ts";
import type { Reserved } from "./pool.ts";

export type Step = () => Promise<void>;

/** One transaction and the connection that it holds. */
export interface Session {
  readonly sql: Reserved;
  /** Whether the server or the network has ended the connection. */
  isLost: boolean;
  /** Whether the connection is back in the pool. */
  isOver: boolean;
  /** The last savepoint that was set: two at once on one connection would end each other. */
  savepoints: Promise<unknown>;
}

/** All transactions of one request as one: see `Db.unitOfWork`. */
export interface Unit {
  /** Undefined until the first transaction of the unit. */
  beginning: Promise<Session> | undefined;
  /** The same, once it has begun. */
  session: Session | undefined;
  /** Why the unit can do nothing any more. */
  failure: { readonly error: unknown } | undefined;
  isOver: boolean;
  /** What waits for the commit. */
  readonly after: Step[];
}

/** Where a query runs. */
export type Scope =
  | { readonly kind: "transaction"; readonly session: Session; readonly after: Step[] }
  /** Inside of a unit of work, and outside of its transactions. */
  | { readonly kind: "unit"; readonly unit: Unit; readonly begin: (before?: Precondition) => Promise<Session> }
  /** On any connection of the pool, while the caller may hold another one. */
  | { readonly kind: "outside"; readonly of: Scope };

/** What must be true while a transaction lasts and is slow to make true, so that it is done before a connection is taken. */
export interface Precondition {
  readonly holds: () => boolean;
  /** @throws when it cannot be made true */
  readonly establish: () => Promise<void>;
}

export const scopes = new AsyncLocalStorage<Scope>();

/** Whether the caller holds a connection of the pool. */
export function isConnectionHeld(scope = scopes.getStore()): boolean {
  if (!scope) return false;
  if (scope.kind === "outside") return isConnectionHeld(scope.of);
  const session = scope.kind === "unit" ? scope.unit.session : scope.session;
  return session !== undefined && !session.isOver;
}

/**
 * Called before anything that may take long and is not the database: the network, hashing of passwords, sleeping. A pool has ten
 * connections; who waits for something else while holding one makes all others wait. In development and tests it throws; elsewhere
 * the request goes on, and a log line and `outside_calls_with_connection_total` tell of the fault.
 * @param call what is about to be done, such as `storage`: a label of the metric
 */
export function assertNoConnectionHeld(call: OutsideCall): void {
  if (!isConnectionHeld()) return;
  const error = new Error(
    `${call} is called while a database connection is held: do it before or after the transaction`,
  );
  if (STRICT_STAGES.has(Config.section("service").STAGE)) throw error;
  Metrics.count("outside_calls_with_connection_total", { call });
  Log.error("an outside call is made while a database connection is held", error, { call });
}

const STRICT_STAGES: ReadonlySet<string> = new Set(["dev", "test"]);

export type OutsideCall =
  | "http"
  | "mail"
  | "password"
  | "queue"
  | "redis"
  | "sleep"
  | "storage"
  | "valve"
  | "examination";

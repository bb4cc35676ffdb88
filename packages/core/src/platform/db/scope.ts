import { AsyncLocalStorage } from "node:async_hooks";
import { Config } from "../config.ts";
import { Log } from "../log.ts";
import { Metrics } from "../metrics/index.ts";
import type { Reserved } from "./pool.ts";

export type Step = (committed: Committed) => Promise<void>;

/** The result of a commit. Later reads from a replica need it: {@link Db.onReader}. */
export interface Committed {
  /** The transaction's id; absent if no replica is configured, and for a transaction that changed nothing. */
  readonly transactionId?: string;
}

/** One transaction and its connection. */
export interface Session {
  readonly sql: Reserved;
  /** Whether the server or the network has closed the connection. */
  isLost: boolean;
  /** Whether the connection was returned to the pool. */
  isOver: boolean;
  /** The last savepoint: savepoints of one connection must run one after another, since releasing one also releases later ones. */
  savepoints: Promise<unknown>;
}

/** The transactions of one request merged into one: see `Db.unitOfWork`. */
export interface Unit {
  /** Undefined until the first transaction of the unit. */
  beginning: Promise<Session> | undefined;
  /** The session of `beginning`, once the transaction has begun. */
  session: Session | undefined;
  /** The error after which the unit cannot run further statements. */
  failure: { readonly error: unknown } | undefined;
  isOver: boolean;
  /** Steps to run after the commit. */
  readonly after: Step[];
}

/** Determines the connection on which a query runs. */
export type Scope =
  | { readonly kind: "transaction"; readonly session: Session; readonly after: Step[] }
  /** Inside a unit of work, outside its transactions. */
  | { readonly kind: "unit"; readonly unit: Unit; readonly begin: (before?: Precondition) => Promise<Session> }
  /** The caller is inside the transaction or unit `of`, but its queries run outside: on any connection of the pool. */
  | { readonly kind: "outside"; readonly of: Scope }
  /** Outside any transaction, where a replica may answer. */
  | { readonly kind: "reader" };

/**
 * A condition that must be true during a transaction. Establishing it is slow, so it is established before a connection is taken.
 */
export interface Precondition {
  readonly isMet: () => boolean;
  /** @throws when the condition cannot be established */
  readonly establish: () => Promise<void>;
}

export const scopes = new AsyncLocalStorage<Scope>();

/** Whether the caller has taken a connection from the pool. */
export function isConnectionInUse(scope = scopes.getStore()): boolean {
  if (!scope) return false;
  if (scope.kind === "outside") return isConnectionInUse(scope.of);
  if (scope.kind === "reader") return false;
  const session = scope.kind === "unit" ? scope.unit.session : scope.session;
  return session !== undefined && !session.isOver;
}

/**
 * Must be called before every slow operation other than a query: network calls, password hashing, timers. A pool has ten connections, and a
 * caller that keeps a connection while it waits for something else makes other callers wait. Throws in development and tests. Elsewhere logs
 * an error, counts `outside_calls_with_connection_total` and lets the request continue.
 * @param call the kind of call, such as `storage`: a label of the metric
 */
export function assertNoConnectionInUse(call: OutsideCall): void {
  if (!isConnectionInUse()) return;
  const error = new Error(
    `${call} is called while a database connection is in use: do it before or after the transaction`,
  );
  if (STRICT_STAGES.has(Config.section("service").STAGE)) throw error;
  Metrics.count("outside_calls_with_connection_total", { call });
  Log.error("an outside call was made while a database connection was in use", error, { call });
}

const STRICT_STAGES: ReadonlySet<string> = new Set(["dev", "test"]);

export type OutsideCall =
  | "http"
  | "lambda"
  | "mail"
  | "password"
  | "queue"
  | "redis"
  | "sleep"
  | "storage"
  | "delivery_switch"
  | "examination"
  | "malware scan";

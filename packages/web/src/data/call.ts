import type { CallOptions, OperationId } from "@gotong/client";
import { client } from "./session.ts";

/**
 * Calls an operation that is known at run time only: kept in the database, or passed to a hook. The caller names the type of
 * its answer; `Reflect.apply` is untyped, where `client.call` asks for the arguments of one operation.
 * @throws ProblemError, TypeError
 */
export const call = <T>(id: OperationId, input: unknown, options: CallOptions = {}): Promise<T> =>
  Reflect.apply(client.call, client, [id, input, options]);

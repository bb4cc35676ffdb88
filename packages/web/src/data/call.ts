import type { CallOptions, OperationId } from "@gotong/client";
import { client } from "./session.ts";

/**
 * Calls an operation that is known only at run time: read from the database, or passed to a hook. The caller states the type
 * of its response; `Reflect.apply` is untyped, whereas `client.call` requires the arguments of one operation.
 * @throws ProblemError, TypeError
 */
export const call = <T>(id: OperationId, input: unknown, options: CallOptions = {}): Promise<T> =>
  Reflect.apply(client.call, client, [id, input, options]);

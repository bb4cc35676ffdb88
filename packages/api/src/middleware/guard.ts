import type { Context, ErrorHandler, MiddlewareHandler } from "hono";

type Next = () => Promise<void>;

/** A step that every request passes, such as its rate limit. Functions that need not wait return no promise. */
export interface Step {
  /** Runs before the handler. Rejects the request by throwing; a returned response answers the request. */
  readonly before?: (c: Context) => Response | undefined | Promise<Response | undefined>;
  /** Returns a function that encloses the handler, or undefined for requests that do not need it. */
  readonly around?: (c: Context) => ((next: Next) => Promise<void>) | undefined;
  /** Runs after the handler and completes `c.res`, even if that is the response to an error. */
  readonly after?: (c: Context) => undefined | Promise<undefined>;
}

/**
 * Combines a list of steps into one middleware. It runs `before` of each step in order, then the handler inside `around` of each step (the first step
 * is the outermost), then `after` in reverse order. When a step throws or answers, later steps are skipped, and `after` of this step and of the
 * earlier steps completes the response.
 *
 * Hono would run each middleware of a chain with a promise and two closures; most steps have nothing to do or to wait for. Combined into one
 * middleware, the twelve steps take a quarter of the CPU time of twelve middlewares.
 */
export function guard(steps: readonly Step[], onError: ErrorHandler): MiddlewareHandler {
  return async (c, next) => {
    let entered = 0;
    try {
      let response: Response | undefined;
      for (; entered < steps.length; entered += 1) {
        const result = steps[entered]?.before?.(c);
        response = result instanceof Promise ? await result : result;
        if (response) break;
      }
      if (response) c.res = response;
      else await enclosed(steps, c, next);
    } catch (error) {
      await answerError(error, c, onError);
    }
    for (let index = Math.min(entered, steps.length - 1); index >= 0; index -= 1) {
      try {
        const done = steps[index]?.after?.(c);
        if (done) await done;
      } catch (error) {
        await answerError(error, c, onError);
      }
    }
  };
}

function enclosed(steps: readonly Step[], c: Context, next: Next): Promise<void> {
  let run = next;
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const around = steps[index]?.around?.(c);
    if (!around) continue;
    const inner = run;
    run = () => around(inner);
  }
  return run();
}

async function answerError(error: unknown, c: Context, onError: ErrorHandler): Promise<void> {
  const known = error instanceof Error ? error : new Error("what was thrown is no error", { cause: error });
  const response = await onError(known, c);
  c.res = undefined; // otherwise Hono would add the headers of the previous response
  c.res = response;
}

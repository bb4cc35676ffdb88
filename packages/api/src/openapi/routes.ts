import type * as v from "valibot";
import { inputOf } from "../middleware/input.ts";
import { type Base, GROUPS } from "../routes/index.ts";

/** A route with the schemas of its inputs. */
export interface Route {
  readonly method: string;
  /** The path, with `:name` for parameters. */
  readonly path: string;
  readonly json?: v.GenericSchema;
  readonly query?: v.GenericSchema;
  readonly param?: v.GenericSchema;
}

/** All routes of all groups, read from the routers. */
export async function allRoutes(): Promise<Route[]> {
  const found = new Map<string, Route>();
  const bases = Object.keys(GROUPS).filter((base): base is Base => base in GROUPS);
  for (const base of bases) {
    for (const { method, path, handler } of (await GROUPS[base]()).routes) {
      if (method === "ALL") continue;
      const full = base === "/" ? path : `${base}${path === "/" ? "" : path}`;
      const key = `${method} ${full}`;
      const input = inputOf(handler);
      found.set(key, {
        ...(found.get(key) ?? { method, path: full }),
        ...(input ? { [input.from]: input.schema } : {}),
      });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.path + a.method < b.path + b.method ? -1 : 1));
}

import { faults } from "../../unit/contract/document.ts";
import type { Person, Platform } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";
import { ID } from "./arbitrary.ts";
import { type Generated, generate, generateOneOfEach } from "./requests.ts";

const BATCH = 250;

export interface Report {
  readonly sent: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly operations: number;
  /** Number of requests that broke a rule of the document, and had to be rejected. */
  readonly invalid: number;
  /** Failures, each with the request that reproduces it. */
  readonly failures: readonly string[];
}

/** Sends `count` requests generated from `seed` and validates every response against the document. */
export async function fuzz(platform: Platform, count: number, seed: number): Promise<Report> {
  const world = await World.make(platform);
  const byStatus: Record<string, number> = {};
  const failures: string[] = [];
  const seen = new Set<string>();
  let [sent, invalid] = [0, 0];
  for (let batch = 0; sent < count; batch += 1) {
    const most = Math.min(BATCH, count - sent);
    const requests = batch === 0 ? generateOneOfEach(seed).slice(0, most) : generate(most, seed + batch);
    for (const request of requests) {
      const outcome = await world.send(request);
      sent += 1;
      seen.add(request.operation.id);
      if (outcome.isInvalid) invalid += 1;
      byStatus[outcome.status] = (byStatus[outcome.status] ?? 0) + 1;
      const what = `${request.operation.id} (seed ${seed + batch}) ${outcome.status}`;
      failures.push(...outcome.faults.map((fault) => `${what}: ${fault}\n  ${outcome.description}`));
    }
  }
  return { sent, byStatus, operations: seen.size, invalid, failures };
}

type Kind = "user" | "task" | "contribution" | "evidence" | "skill" | "report" | "other";
/** The kind of object whose id a field of this name contains. */
function kindOf(name: string): Kind {
  if (/^(user|vouchee|witness|creator|assignee|actor)/.test(name)) return "user";
  const known = (["task", "contribution", "evidence", "skill", "report"] as const).find((kind) =>
    name.startsWith(kind),
  );
  return known ?? "other";
}

class World {
  readonly #platform: Platform;
  readonly #callers: (Person | undefined)[] = [undefined];
  readonly #ids = new Map<Kind, string[]>();

  private constructor(platform: Platform) {
    this.#platform = platform;
  }

  static async make(platform: Platform): Promise<World> {
    const world = new World(platform);
    for (const roles of [[], [], ["verifier"], ["admin"], ["admin", "verifier"]] as const) {
      const person = await platform.person(roles);
      world.#callers.push(person);
      world.#note("user", person.id);
      world.#note("contribution", await contributionOf(person));
      if (!roles.some((role) => role === "admin")) continue;
      const name = `Skill ${person.id}`;
      world.#note("skill", String((await person.post("/v1/skills", { name, category: "Fuzz" })).json["id"]));
    }
    for (const row of await platform.sql`select id from tasks`) world.#note("task", String(row["id"]));
    return world;
  }

  #note(kind: Kind, id: string): void {
    const ids = this.#ids.get(kind) ?? [];
    this.#ids.set(kind, ids.length < 200 ? [...ids, id] : ids);
  }

  async send(request: Generated) {
    const { operation } = request;
    const json: unknown = this.#known(request.json);
    const path = Object.entries(request.path).reduce(
      (text, [name, value]) => text.replace(`{${name}}`, segment(String(this.#known(value, name)))),
      operation.path,
    );
    const query = request.query.map(([name, value]): [string, string] => [name, String(this.#known(value, name))]);
    const search =
      query.length > 0
        ? `?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value.toWellFormed()])).toString()}`
        : "";
    const at = request.caller % this.#callers.length;
    const caller = this.#callers[at];
    const body = request.raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const answer = await this.#platform.raw(operation.method, `${path}${search}`, {
      ...(caller ? { token: caller.token } : {}),
      ...(body === undefined ? {} : { body }),
      headers: { ...request.headers },
    });
    const text = await answer.text();
    if (["deleteMe", "endSession"].includes(operation.id) && answer.status === 204)
      this.#callers[at] = await this.#platform.person();
    this.#learn(path, text);
    const broken = request.raw === undefined ? brokenRules(request, json, query) : [];
    return {
      status: answer.status,
      isInvalid: broken.length > 0,
      faults: [
        ...faultsOf(request, answer, text),
        ...(broken.length > 0 && answer.ok ? [`took what breaks ${broken.join("; ")}`] : []),
      ],
      description: `${operation.method} ${path}${search} ${JSON.stringify(request.headers)} ${(body ?? "").slice(0, 600)} → ${text.slice(0, 300)}`,
    };
  }

  /** Records ids in responses for later requests, so that these get past a 404. */
  #learn(path: string, text: string): void {
    const id = /"id":"([0-9a-f-]{36})"/.exec(text)?.[1];
    const area = /\/(evidence|tasks|contributions|skills|users|reports)[^/]*$/.exec(path)?.[1];
    if (id !== undefined) this.#note(area === "evidence" ? area : kindOf(area ?? ""), id);
  }

  /** Replaces placeholders in a value with real ids: mostly of the correct kind, sometimes of another. */
  #known(value: unknown, name = ""): unknown {
    if (typeof value === "string" && value.startsWith(ID)) {
      const at = Number(value.slice(ID.length));
      const own = at % 6 === 0 ? undefined : this.#ids.get(kindOf(name));
      const ids = own ?? [...this.#ids.values()].flat();
      return ids[at % ids.length];
    }
    if (Array.isArray(value)) return value.map((inner) => this.#known(inner, name));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, this.#known(inner, field)]));
  }
}

/** The rules of the document that the request breaks. */
function brokenRules({ operation }: Generated, json: unknown, query: readonly (readonly [string, string])[]): string[] {
  const sent: unknown = json === undefined ? {} : JSON.parse(JSON.stringify(json));
  const inBody = operation.body ? faults(operation.body, sent).map((fault) => `body${fault}`) : [];
  const inQuery = operation.parameters.flatMap(({ name, in: where, schema }) => {
    const own = where === "query" ? query.filter(([given]) => given === name) : [];
    return own
      .slice(0, 1)
      .flatMap(([, value]) => faults(schema, valueOf(schema["type"], value)).map((fault) => `${name}${fault}`));
  });
  return [...inBody, ...inQuery];
}

/** Parses a parameter's string into the type of its schema. */
function valueOf(type: unknown, text: string): unknown {
  if (type === "integer" && /^\d+$/.test(text)) return Number(text);
  return type === "boolean" && (text === "true" || text === "false") ? text === "true" : text;
}

function faultsOf({ operation }: Generated, answer: Response, text: string): string[] {
  if (answer.status >= 500) return ["an answer of 5xx"];
  // A request with a corrupted path may match another route, or none.
  if (answer.status === 404 || answer.status === 405) {
    const code = /"code":"(NOT_FOUND|METHOD_NOT_ALLOWED)"/.test(text);
    return code ? [] : ["a 404 or 405 that is no problem document"];
  }
  if (!answer.headers.get("x-request-id")) return ["no X-Request-Id"];
  const documented = operation.answers.get(answer.status);
  if (!documented) return [`a status that is not in the document`];
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  const media = documented.content[type];
  if (Object.keys(documented.content).length === 0) return text === "" ? [] : ["a body that is not in the document"];
  if (!media) return [`a type that is not in the document: ${type}`];
  return type.endsWith("json") ? faults(media.schema, JSON.parse(text)) : [];
}

/** Encodes a path segment. `%00` and `%zz` stay as they are, so that the server receives these escapes themselves. */
const segment = (value: string) => (/^%(00|zz)$/.test(value) ? value : encodeURIComponent(value.toWellFormed()));

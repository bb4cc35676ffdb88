import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { idOf } from "./data.ts";

/** One request of the load generator. */
export interface Request {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const Tokens = v.object({ access_token: v.string(), refresh_token: v.string() });
const STATUSES = ["open", "assigned", "in_progress", "completed"];

/** The members for whom the load generator sends requests. */
export class Members {
  /** An access token of each member. {@link renew} replaces them in place. */
  readonly tokens: string[] = [];
  readonly #url: string;
  readonly #refreshTokens: string[] = [];

  private constructor(url: string) {
    this.#url = url;
  }

  static async register(url: string, count: number): Promise<Members> {
    const members = new Members(url);
    for (let member = 0; member < count; member += 1) {
      const tag = randomBytes(8).toString("hex");
      await members.#request(member, "register", {
        username: `m-${tag}`,
        email: `${tag}@example.org`,
        password: "a bench beside the rice fields",
      });
    }
    return members;
  }

  /** Exchanges the refresh token of each member for new tokens. */
  async renew(): Promise<void> {
    for (const [member, refreshToken] of this.#refreshTokens.entries())
      await this.#request(member, "refresh", { refresh_token: refreshToken });
  }

  async #request(member: number, path: string, body: Readonly<Record<string, string>>): Promise<void> {
    const answer = await fetch(`${this.#url}/v1/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status} ${await answer.text()}`);
    const tokens = v.parse(Tokens, await answer.json());
    this.tokens[member] = tokens.access_token;
    this.#refreshTokens[member] = tokens.refresh_token;
  }
}

/**
 * Returns a function that builds a request for a page of 20 tasks from a random place of the list, with or without a status filter.
 * @param tasks number of tasks in the table
 */
export function randomPage(tasks: number, tokens: readonly string[]): () => Request {
  let count = 0;
  return () => {
    count += 1;
    const after = idOf(21 + Math.floor(Math.random() * (tasks - 21)));
    const cursor = Buffer.from(JSON.stringify(["tasks", after])).toString("base64url");
    const status = count % 2 === 0 ? `&status=${STATUSES[count % 4]}` : "";
    return { method: "GET", path: `/v1/tasks?cursor=${cursor}${status}`, headers: bearer(tokens, count) };
  };
}

/** Returns a function that requests the first page of tasks, which all clients request and which is cached. */
export function firstPage(tokens: readonly string[]): () => Request {
  let count = 0;
  return () => ({ method: "GET", path: "/v1/tasks", headers: bearer(tokens, (count += 1)) });
}

/** What a member contributes. */
export const CONTRIBUTION = {
  contribution_type: "community_service",
  title: "Cleared the drain of the lane",
  description: "From the mosque to the rice fields, with five neighbours.",
} as const;

/** Returns a function that builds a request to create a contribution, whose event is published. */
export function newContribution(tokens: readonly string[]): () => Request {
  let count = 0;
  return () => {
    count += 1;
    const body = JSON.stringify({ ...CONTRIBUTION, title: `Cleared the drain of lane ${count}` });
    const headers = { ...bearer(tokens, count), "content-type": "application/json" };
    return { method: "POST", path: "/v1/contributions", headers, body };
  };
}

const bearer = (tokens: readonly string[], n: number): Record<string, string> =>
  tokens.length === 0 ? {} : { authorization: `Bearer ${tokens[n % tokens.length]}` };

/** Returns a function that builds a request for a random single task. */
export function oneTask(tasks: number, tokens: readonly string[]): () => Request {
  let count = 0;
  return () => {
    const path = `/v1/tasks/${idOf(1 + Math.floor(Math.random() * tasks))}`;
    return { method: "GET", path, headers: bearer(tokens, (count += 1)) };
  };
}

/** Returns a function that builds a request for a member's own contributions. */
export function ownContributions(tokens: readonly string[]): () => Request {
  let count = 0;
  return () => ({ method: "GET", path: "/v1/contributions?user=me", headers: bearer(tokens, (count += 1)) });
}

/** Returns a function that builds a request to create a task. Each created task invalidates the cached lists. */
export function newTask(tokens: readonly string[]): () => Request {
  let count = 0;
  return () => {
    count += 1;
    const body = JSON.stringify({
      title: `Repair the bridge ${count}`,
      description: "Planks are there.",
      difficulty: "easy",
    });
    const headers = { ...bearer(tokens, count), "content-type": "application/json" };
    return { method: "POST", path: "/v1/tasks", headers, body };
  };
}

/** Returns a function that builds one of several kinds of requests at random. @param kinds each kind with its share in percent */
export function mixed(kinds: readonly (readonly [percent: number, next: () => Request])[]): () => Request {
  const chosen = kinds.flatMap(([percent, next]) => Array.from({ length: percent }, () => next));
  return () => {
    const next = chosen[Math.floor(Math.random() * chosen.length)];
    if (!next) throw new Error("there is no kind of requests");
    return next();
  };
}

import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { LOOSE_LIMITS } from "../../../harness/limits.ts";
import { type Person, Platform } from "../../../harness/platform.ts";
import { Password } from "@gotong/core/domain/password/index.ts";
import type { Role } from "@gotong/core/platform/actor.ts";
import { Program } from "./program.ts";
import type { HttpRequest } from "./send.ts";

const PACKAGES = join(import.meta.dirname, "..", "..", "..", "..", "packages");
const SERVER = join(PACKAGES, "api", "src", "server.ts");
const WORKERS = join(PACKAGES, "workers", "src", "pod.ts");

/** The real API in its own process with its own database, and optionally the real workers in another process. */
export class ApiProcess {
  readonly platform = new Platform();
  readonly #api = new Program();
  readonly #workers = new Program();
  #url = "";

  get url(): string {
    return this.#url;
  }

  get pid(): number | undefined {
    return this.#api.pid;
  }

  /** The last lines of the API's log. */
  get logs(): readonly string[] {
    return this.#api.logs;
  }

  /** The last lines of the workers' log. */
  get workerLogs(): readonly string[] {
    return this.#workers.logs;
  }

  async start(variables: Readonly<Record<string, string>>, { workers = false } = {}): Promise<void> {
    await this.platform.start({ workers: false });
    Password.useCost(undefined); // hashes with the real cost, so that a wrong password costs the API as much for members created here
    const own = Object.entries(this.platform.variables).filter(([name]) => !(name in LOOSE_LIMITS));
    const settings = { ...Object.fromEntries(own), HOST: "127.0.0.1", PORT: "0", WORKERS_PORT: "0", ...variables };
    const port = await this.#api.start(SERVER, settings);
    this.#url = `http://127.0.0.1:${port}`;
    if (workers) await this.#workers.start(WORKERS, settings);
  }

  /**
   * Returns requests from eight new members. A client that sends them in turn stays below the limit of 100 requests a
   * minute for each member.
   */
  async readers(path = "/v1/me", headers: Readonly<Record<string, string>> = {}): Promise<HttpRequest[]> {
    const requests: HttpRequest[] = [];
    for (let made = 0; made < 8; made += 1)
      requests.push({ path, token: (await this.platform.person()).token, headers });
    return requests;
  }

  /** Creates a member with a verified address, which the default settings require for acts. */
  async provenPerson(roles: readonly Role[] = []): Promise<Person> {
    const person = await this.platform.person(roles);
    await this.prove([person.id]);
    return person;
  }

  /** Marks the addresses of these members as verified. */
  async prove(ids: readonly string[]): Promise<void> {
    await this.platform.sql`update users set email_verified_at = now() where id in ${this.platform.sql(ids)}`;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#api.stop(), this.#workers.stop()]);
    await this.platform.stop();
  }
}

/**
 * Starts the API before the tests of a file and stops it after them.
 * @param variables settings of the API that differ from the defaults
 * @param options `workers`: whether to start the workers as well
 */
export function useApi(
  variables: Readonly<Record<string, string>> = {},
  options: { readonly workers?: boolean } = {},
): ApiProcess {
  const api = new ApiProcess();
  beforeAll(() => api.start(variables, options));
  afterAll(() => api.stop());
  return api;
}

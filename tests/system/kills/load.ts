import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { freshPassword } from "../../harness/factories.ts";

const TIMEOUT_MS = 30_000;
const PAUSE_MS = 100;
/** Number of pieces of evidence per contribution: enough to have several in progress on one subject. */
const EVIDENCE = 18;
const AT_ONCE = 3;

const SignedIn = v.object({ access_token: v.string() });
const Made = v.object({ id: v.string() });

interface Member {
  readonly email: string;
  readonly password: string;
  token: string;
}

/**
 * Members who act over HTTP as fast as they get responses, and record successful acts. Each act is identified by a mark
 * that its event carries to the receiver: the contribution's id, or a random id in the evidence.
 */
export class Load {
  /** The marks of the acts that were answered with 2xx. */
  readonly answered = new Set<string>();
  /** Number of unsuccessful responses by status; 0 stands for no response. */
  readonly failures = new Map<number, number>();
  readonly #bases: readonly string[];
  readonly #members: Member[] = [];

  constructor(bases: readonly string[]) {
    this.#bases = bases;
  }

  async register(members: number): Promise<void> {
    for (let index = 0; index < members; index += 1) {
      const tag = randomUUID().slice(0, 8);
      const account = { username: `k-${tag}`, email: `k.${tag}@example.org`, password: freshPassword() };
      const reply = await this.#send("/v1/auth/register", account);
      const { access_token } = v.parse(SignedIn, reply?.json);
      this.#members.push({ email: account.email, password: account.password, token: access_token });
    }
  }

  /** Sends acts with the given number of concurrent clients until `isOver`. */
  async run(clients: number, isOver: () => boolean): Promise<void> {
    await Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        while (!isOver()) await this.#contribute(index, isOver);
      }),
    );
  }

  async #contribute(index: number, isOver: () => boolean): Promise<void> {
    const owner = this.#member(index);
    const task = await this.#post(owner, "/v1/tasks", { title: "t", description: "d", difficulty: "easy" });
    if (!task) return;
    const path = `/v1/tasks/${task.id}`;
    if (!(await this.#post(owner, `${path}/claim`)) || !(await this.#post(owner, `${path}/start`))) return;
    const contribution = await this.#post(owner, `${path}/complete`);
    if (!contribution) return;
    this.answered.add(contribution.id);
    for (let done = 0; done < EVIDENCE && !isOver(); done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.#prove(contribution.id, owner)));
    }
  }

  /** Submits evidence as the owner, since evidence of other members creates no event before the owner consents. */
  async #prove(contributionId: string, owner: Member): Promise<void> {
    const mark = randomUUID();
    const made = await this.#post(owner, `/v1/contributions/${contributionId}/evidence`, {
      evidence_type: "gps_verification",
      proof: { timestamp: new Date().toISOString(), location: { lat: -7.8, lon: 110.4 } },
      evidence_data: { mark },
    });
    if (made) this.answered.add(mark);
  }

  #member(index: number): Member {
    const member = this.#members[index % this.#members.length];
    if (!member) throw new Error("no member is registered");
    return member;
  }

  /**
   * Sends a POST request.
   * @returns the created object; undefined after an error or no response, when the act may or may not have been
   * committed
   */
  async #post(member: Member, path: string, body?: unknown): Promise<v.InferOutput<typeof Made> | undefined> {
    const reply = await this.#send(path, body, member.token);
    if (reply?.status === 401) await this.#signIn(member);
    if (reply !== undefined && reply.status < 300) return v.parse(Made, reply.json);
    this.failures.set(reply?.status ?? 0, (this.failures.get(reply?.status ?? 0) ?? 0) + 1);
    await sleep(PAUSE_MS);
    return undefined;
  }

  /** Signs in again, since access tokens last minutes and a long run longer. */
  async #signIn(member: Member): Promise<void> {
    const reply = await this.#send("/v1/auth/login", { email: member.email, password: member.password });
    if (reply?.status === 200) member.token = v.parse(SignedIn, reply.json).access_token;
  }

  async #send(path: string, body?: unknown, token?: string): Promise<{ status: number; json: unknown } | undefined> {
    const base = this.#bases[Math.floor(Math.random() * this.#bases.length)] ?? "";
    try {
      const response = await fetch(`${base}${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const json: unknown = await response.json();
      return { status: response.status, json };
    } catch {
      return undefined;
    }
  }
}

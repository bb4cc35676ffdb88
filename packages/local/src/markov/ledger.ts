import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import * as v from "valibot";
import { Payload } from "./payload.ts";

const Received = v.object({
  received_at: v.string(),
  /** `webhook-timestamp` of the accepted attempt, in Unix seconds. Lines of an older version do not have it. */
  attempted_at: v.optional(v.number()),
  request_id: v.string(),
  subject: v.string(),
  sequence: v.number(),
  /** The exact body of the request. */
  body: v.string(),
});
export type Received = v.InferOutput<typeof Received>;

const Line = v.pipe(v.string(), v.parseJson(), Received);
const Body = v.pipe(v.string(), v.parseJson(), Payload);

/** Points of a reputation. They are simple, so that tests can compute them too. */
const POINTS = { contribution: 10, evidence: 5, vouch: { strong: 3, moderate: 2, light: 1 } } as const;
const MULTIPLIERS = [1, 1, 1.2, 1.5];
const TIERS = [
  { from: 100, tier: "gold" },
  { from: 25, tier: "silver" },
  { from: 0, tier: "bronze" },
];

/** The state of the double: every event once, in the order of arrival, in memory and optionally in a file. */
export class Ledger {
  readonly events: Received[] = [];
  readonly #payloads = new Map<string, Payload>();
  readonly #contributions = new Set<string>();
  readonly #lastSequence = new Map<string, number>();
  readonly #file: string | undefined;
  /** Number of events that arrived before an earlier event of their subject. */
  gaps = 0;

  constructor(file?: string) {
    this.#file = file;
    if (!file || !existsSync(file)) return;
    const text = readFileSync(file, "utf8");
    for (const line of text.split("\n")) {
      const read = v.safeParse(Line, line);
      const payload = read.success ? v.safeParse(Body, read.output.body) : undefined;
      if (read.success && payload?.success) this.#keep(read.output, payload.output);
    }
    // A killed process may leave a truncated last line. Its event was never acknowledged, and it must not corrupt the
    // event that is appended next.
    if (text !== "" && !text.endsWith("\n")) appendFileSync(file, "\n");
  }

  has(eventId: string): boolean {
    return this.#payloads.has(eventId);
  }

  hasContribution(id: string): boolean {
    return this.#contributions.has(id);
  }

  /** Persists an event. It is called before the event is acknowledged. */
  add(received: Received, payload: Payload): void {
    if (this.#file) {
      mkdirSync(dirname(this.#file), { recursive: true });
      appendFileSync(this.#file, `${JSON.stringify(received)}\n`);
    }
    this.#keep(received, payload);
  }

  /** Drops an event from memory, so that tests can check the reconciliation. */
  forget(eventId: string): void {
    this.#payloads.delete(eventId);
    const place = this.events.findIndex((event) => event.body.includes(`"event_id":"${eventId}"`));
    if (place >= 0) this.events.splice(place, 1);
  }

  /** Returns the events about one contribution, in the order of arrival. */
  about(contributionId: string): Received[] {
    return this.events.filter((event) => event.body.includes(`"contribution_id":"${contributionId}"`));
  }

  /**
   * Returns the reputation of a user: 10 for each contribution and 5 for each of its pieces of evidence, times 1.0,
   * 1.2 or 1.5 by its number of evidence types; 3, 2 or 1 for each received vouch, by weight. Undefined for an
   * unknown user.
   */
  reputation(userId: string) {
    const contributions = this.#of("contribution_created").filter((event) => event.actor.user_id === userId);
    const vouches = this.#of("vouch_submitted").filter((event) => event.subject.vouchee_id === userId);
    if (contributions.length + vouches.length === 0) return undefined;
    let score = vouches.reduce((sum, vouch) => sum + POINTS.vouch[vouch.subject.weight_hint ?? "moderate"], 0);
    const competence = new Map<string, number>();
    for (const { subject } of contributions) {
      const evidence = this.#of("por_evidence").filter(
        (event) => event.subject.contribution_id === subject.contribution_id,
      );
      const types = new Set(evidence.map((event) => event.subject.evidence_type)).size;
      score += (POINTS.contribution + POINTS.evidence * evidence.length) * (MULTIPLIERS[types] ?? 1.5);
      for (const skill of subject.skill_ids ?? [])
        competence.set(skill, Math.min(1, (competence.get(skill) ?? 0) + 0.1));
    }
    return {
      user_id: `gotong_royong:${userId}`,
      reputation_score: Math.round(score * 100) / 100,
      tier: TIERS.find(({ from }) => score >= from)?.tier ?? "bronze",
      contributions_count: contributions.length,
      vouches_received: vouches.length,
      skills: [...competence].map(([skill_id, value]) => ({ skill_id, competence: Math.round(value * 100) / 100 })),
    };
  }

  #keep(received: Received, payload: Payload): void {
    this.events.push(received);
    this.#payloads.set(payload.event_id, payload);
    if (payload.event_type === "contribution_created") this.#contributions.add(payload.subject.contribution_id);
    if (received.sequence !== (this.#lastSequence.get(received.subject) ?? 0) + 1) this.gaps += 1;
    this.#lastSequence.set(received.subject, received.sequence);
  }

  #of<T extends Payload["event_type"]>(type: T): Extract<Payload, { event_type: T }>[] {
    return [...this.#payloads.values()].filter(
      (payload): payload is Extract<Payload, { event_type: T }> => payload.event_type === type,
    );
  }
}

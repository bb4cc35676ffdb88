import { Id } from "@gotong/core/platform/id.ts";
import type { Release } from "@gotong/core/platform/release/index.ts";
import type { Shift, World } from "@gotong/ops/release/world.ts";
import { ThrottledError } from "@gotong/ops/stage.ts";

/** The code and secrets of a version when it was published. */
export interface Build {
  readonly code: string;
  readonly secret: string;
  readonly isHealthy: boolean;
}

/** The fault that one call meets: its process dies, or the call fails, hangs or is throttled. */
export type Trouble = "die" | "fail" | "hang" | "throttle";

class Died extends Error {
  override readonly name = "Died";
}

interface Deployment extends Shift {
  readonly from: string;
  readonly startedAt: number;
}

const MINUTE = 60_000;
const COMMIT = (code: string) => code.padEnd(40, "0");

/**
 * Fakes Lambda with versions and an alias, CodeDeploy with its canary of ten minutes, CloudWatch alarms, and `sst
 * deploy`. Its state is the account's, so it outlives the processes that work on it.
 */
export class FakeAccount {
  readonly versions = new Map<string, Build>();
  alias: { version: string; weights: Record<string, number> } | undefined;
  provisioned: number | undefined;
  readonly shifts = new Map<string, Deployment>();
  readonly alarms = new Set<string>();
  /** The code in the checkout, and the secrets of the stage. */
  checkout: Build = { code: "b", secret: "s1", isHealthy: true };
  /** Whether an alarm fires during the canary. */
  alarmsDuringCanary = false;
  /** Whether CodeDeploy never finishes by itself. */
  canaryHangs = false;
  provisionedWanted = 0;
  isDirty = false;
  losses = false;
  sqlOfCheckout = new Map([["0000_tables.sql", "create table a (id int);"]]);
  readonly appliedSql = new Set<string>();
  readonly releases: Release.Info[] = [];
  readonly #leases = new Map<string, { lease: string; until: number }>();
  readonly kept: unknown[] = [];
  readonly calls: string[] = [];
  /** The code of the worker functions, from the last deployment. */
  workers = "a";
  readonly hasAlias: boolean;
  #deployedMigrations = new Set<string>();

  constructor(hasAlias: boolean) {
    this.hasAlias = hasAlias;
    this.versions.set("1", { code: "a", secret: "s1", isHealthy: true });
    if (hasAlias) this.alias = { version: "1", weights: {} };
  }

  /** Returns the builds that receive traffic, each with its share. */
  answering(): readonly (readonly [build: Build | undefined, share: number])[] {
    this.#advance();
    if (!this.alias) return [[this.versions.get(String(this.versions.size)), 1]];
    const others = Object.entries(this.alias.weights);
    const rest = 1 - others.reduce((sum, [, weight]) => sum + weight, 0);
    return [
      [this.versions.get(this.alias.version), rest] as const,
      ...others.map(([version, weight]) => [this.versions.get(version), weight] as const),
    ];
  }

  /** Advances the traffic shifts, which CodeDeploy continues between the calls. */
  #advance(): void {
    for (const [id, shift] of this.shifts) {
      if (shift.status !== "running" || !this.alias) continue;
      const minutes = (Date.now() - shift.startedAt) / MINUTE;
      if (this.alarmsDuringCanary && minutes >= 4) this.#end(id, "stopped", shift.from, "an alarm rang");
      else if (minutes >= 10 && !this.canaryHangs) this.#end(id, "succeeded", shift.target);
    }
  }

  #end(id: string, status: Shift["status"], version: string, reason?: string): void {
    const shift = this.shifts.get(id);
    if (!shift) return;
    this.shifts.set(id, { ...shift, status, ...(reason === undefined ? {} : { reason }) });
    this.alias = { version, weights: {} };
  }

  /** Creates a process, and lets some of its calls fail as `troubles` states. */
  process(troubles: Readonly<Record<string, Trouble>> = {}): World {
    const counts = new Map<string, number>();
    const log: string[] = [];
    let isDead = false;
    const call = async <T>(name: string, effect: () => T): Promise<T> => {
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const trouble = troubles[`${name} ${count}`] ?? troubles[name];
      log.push(name);
      this.calls.push(name);
      if (isDead) throw new Died(name);
      if (trouble === "hang") return new Promise(() => undefined);
      if (trouble === "throttle") throw new ThrottledError("Rate exceeded");
      if (trouble === "fail") throw new Error(`${name} is broken`);
      this.#advance();
      if (trouble === "die") {
        // The worst case: the call took effect, and the process dies before it gets the response.
        isDead = true;
        effect();
        throw new Died(name);
      }
      return effect();
    };
    const ok = (out = "") => ({ code: 0, out, err: "" });
    return {
      shell: {
        run: (program, variables = {}) => {
          const line = program.join(" ");
          if (line === "git rev-parse HEAD") return Promise.resolve(ok(`${COMMIT(this.checkout.code)}\n`));
          if (line === "git status --porcelain") return call("git", () => ok(this.isDirty ? " M a.ts\n" : ""));
          if (line.includes("secret list"))
            return call("secrets", () => ok("JwtKey=a\nWebhookSecret=b\nMarkovToken=c\n"));
          if (line.includes("infra -- diff"))
            return call("diff", () => (this.losses ? { code: 2, out: "LOST", err: "" } : ok()));
          if (line === "npm test") return call("tests", () => ok());
          if (line.includes("--target Migrate"))
            return call("deployMigrate", () => {
              this.#deployedMigrations = new Set(this.sqlOfCheckout.keys());
              return ok();
            });
          if (line.startsWith("npx sst deploy"))
            return call("deploy", () => {
              this.#deploy(variables["GOTONG_RELEASE"] === "canary");
              return ok();
            });
          return call("shell", () => ok());
        },
      },
      traffic: {
        aliasOf: () => call("aliasOf", () => this.alias && structuredClone(this.alias)),
        setAlias: (_, __, version) =>
          call("setAlias", () => {
            this.alias = { version, weights: {} };
          }),
        beginShift: ({ from, to }) =>
          call("beginShift", () => {
            if ([...this.shifts.values()].some(({ status }) => status === "running"))
              throw new Error("DeploymentLimitExceededException");
            if (this.provisioned !== undefined) throw new Error("the alias has provisioned concurrency");
            const id = `d-${this.shifts.size + 1}`;
            this.shifts.set(id, { status: "running", target: to, from, startedAt: Date.now() });
            this.alias = { version: from, weights: { [to]: 0.1 } };
            return id;
          }),
        shiftOf: (id) =>
          call("shiftOf", () => {
            const shift = this.shifts.get(id);
            if (!shift) throw new Error("DeploymentDoesNotExistException");
            return shift;
          }),
        runningShifts: () =>
          call("runningShifts", () =>
            [...this.shifts].filter(([, { status }]) => status === "running").map(([id]) => id),
          ),
        stopShift: (id) =>
          call("stopShift", () => {
            const shift = this.shifts.get(id);
            if (shift?.status === "running") this.#end(id, "stopped", shift.from);
          }),
        ringingAlarms: () => call("ringingAlarms", () => [...this.alarms]),
        removeProvisioned: () =>
          call("removeProvisioned", () => {
            this.provisioned = undefined;
          }),
        setProvisioned: (_, __, executions) =>
          call("setProvisioned", () => {
            if (Object.keys(this.alias?.weights ?? {}).length > 0) throw new Error("the alias divides its traffic");
            this.provisioned = executions;
          }),
        ask: (_, qualifier, path) => call("ask", () => this.#ask(qualifier, path)),
      },
      journal: {
        begin: (input) =>
          call("begin", () => {
            const open = this.releases.find(({ outcome }) => outcome === null);
            if (open && open.kind === input.kind && open.commit === input.commit) {
              this.#leases.set(open.id, { lease: input.lease, until: Date.now() + 300_000 });
              return structuredClone(open);
            }
            if (open && input.kind === "release" && !input.supersedes) throw new Error("has not ended");
            if (open) Object.assign(open, { outcome: "superseded" });
            const { lease, supersedes: _, ...rest } = input;
            const info: Release.Info = {
              ...rest,
              id: Id.uuid(),
              started_at: new Date().toISOString(),
              finished_at: null,
              outcome: null,
            };
            this.releases.unshift(info);
            this.#leases.set(info.id, { lease, until: Date.now() + 300_000 });
            return structuredClone(info);
          }),
        save: (input) =>
          call(input.outcome === undefined ? "save" : "record", () => {
            const info = this.releases.find(({ id, outcome }) => id === input.id && outcome === null);
            if (!info || this.#leases.get(info.id)?.lease !== input.lease) throw new Error("taken over");
            const { lease: _, ...change } = input;
            Object.assign(info, structuredClone(change));
          }),
        list: () => call("list", () => structuredClone(this.releases)),
        appliedMigrations: () => call("applied", () => [...this.appliedSql]),
      },
      migrate: () =>
        call("migrateFunction", () => {
          const fresh = [...this.#deployedMigrations].filter((name) => !this.appliedSql.has(name));
          for (const name of fresh) this.appliedSql.add(name);
          return fresh;
        }),
      outputs: () =>
        call("outputs", () => ({
          apiFunction: "api",
          ...(this.hasAlias
            ? {
                targetVersion: String(this.versions.size),
                provisionedConcurrency: this.provisionedWanted,
                canary: { minutes: 10, requestsPerMinute: 200 },
                deployApplication: "app",
                deployGroup: "live",
              }
            : {}),
        })),
      migrations: async () => this.sqlOfCheckout,
      keep: (_, record) =>
        call("keep", () => {
          this.kept.push(record);
          return ".local/releases/x.json";
        }),
      every: () => () => undefined,
      uuid: Id.uuid,
    };
  }

  /** Publishes a version if code or secrets have changed, like Lambda. */
  #deploy(isRelease: boolean): void {
    const last = this.versions.get(String(this.versions.size));
    const same = last && JSON.stringify(last) === JSON.stringify(this.checkout);
    if (!same) this.versions.set(String(this.versions.size + 1), { ...this.checkout });
    this.workers = this.checkout.code;
    if (!this.alias) return;
    if (!isRelease) this.alias = { version: String(this.versions.size), weights: {} };
  }

  #ask(qualifier: string | undefined, path: string) {
    const chosen = qualifier === undefined || qualifier === "live" ? this.#draw() : this.versions.get(qualifier);
    if (!chosen?.isHealthy) return { status: 500, body: "" };
    const status = path.startsWith("/v1/me") ? 401 : path.includes("nothing") ? 404 : 200;
    return { status, body: JSON.stringify({ version: COMMIT(chosen.code).substring(0, 12) }) };
  }

  #draws = 0;
  #draw(): Build | undefined {
    this.#draws += 1;
    const [first, second] = this.answering();
    return second !== undefined && this.#draws % 10 === 0 ? second[0] : first?.[0];
  }
}

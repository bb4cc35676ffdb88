import type { Release } from "@gotong/core/platform/release/index.ts";
import type * as v from "valibot";
import type { Shell } from "../shell.ts";
import type { Order, State } from "./state.ts";

/** Where an alias sends its traffic. */
export interface AliasState {
  readonly version: string;
  /** Versions beside it that take a share, 0–1, of the traffic. */
  readonly weights: Readonly<Record<string, number>>;
}

/** A deployment of CodeDeploy: the shift of an alias from one version to another. */
export interface Shift {
  readonly status: "running" | "succeeded" | "failed" | "stopped";
  readonly target: string;
  readonly reason?: string;
}

/** What a release needs to begin a shift. */
export interface ShiftPlan {
  readonly application: string;
  readonly group: string;
  readonly functionName: string;
  readonly alias: string;
  readonly from: string;
  readonly to: string;
}

/** The calls of Lambda, CodeDeploy and CloudWatch that a release makes. @throws ThrottledError when AWS refuses for now */
export interface Traffic {
  /** Undefined when there is no such alias. */
  aliasOf(functionName: string, alias: string): Promise<AliasState | undefined>;
  /** All traffic to one version, at once. */
  setAlias(functionName: string, alias: string, version: string): Promise<void>;
  /** @returns its id */
  beginShift(plan: ShiftPlan): Promise<string>;
  shiftOf(id: string): Promise<Shift>;
  /** Ids of the shifts of a group that have not ended. */
  runningShifts(application: string, group: string): Promise<readonly string[]>;
  /** Stops a shift; CodeDeploy moves the traffic back. */
  stopShift(id: string): Promise<void>;
  /** The names of the alarms of a group that are in the state ALARM. */
  ringingAlarms(application: string, group: string): Promise<readonly string[]>;
  removeProvisioned(functionName: string, alias: string): Promise<void>;
  setProvisioned(functionName: string, alias: string, executions: number): Promise<void>;
  /** A GET request to one version or alias of the API. @param client the address that it seems to come from */
  ask(functionName: string, qualifier: string | undefined, path: string, client: string): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** The stage's record and lock, which its database keeps. */
export interface Journal {
  begin(input: v.InferOutput<typeof Release.Begin>): Promise<Release.Info>;
  save(input: v.InferOutput<typeof Release.Save>): Promise<void>;
  list(): Promise<readonly Release.Info[]>;
  /** Names of the migrations that the stage's database has. */
  appliedMigrations(): Promise<readonly string[]>;
}

/** Everything outside of the process that a release touches. */
export interface World {
  readonly shell: Shell;
  readonly traffic: Traffic;
  readonly journal: Journal;
  /** Applies the migrations that the stage's function has. @returns their names */
  migrate(): Promise<readonly string[]>;
  /** What the last `sst deploy` printed, from `.sst/outputs.json`. */
  outputs(): Promise<unknown>;
  /** The files of `migrations/`, by name. */
  migrations(): Promise<ReadonlyMap<string, string>>;
  /** Keeps a copy of the record as a file. @returns its path */
  keep(stage: string, record: unknown): Promise<string>;
  /** Calls `work` every `seconds` until the returned function is called. */
  every(seconds: number, work: () => Promise<void>): () => void;
  uuid(): string;
}

/** One process at work on a release. */
export interface Run {
  readonly order: Order;
  readonly world: World;
  readonly progress: (line: string) => void;
}

/**
 * Does a step, which an earlier process may have done in part or in whole.
 * @param remember records what is known, before the step goes on
 * @returns what is known at its end
 */
export type StepWork = (run: Run, state: State, remember: (state: State) => Promise<void>) => Promise<State>;

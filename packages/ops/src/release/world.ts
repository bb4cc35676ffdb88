import type { Release } from "@gotong/core/platform/release/index.ts";
import type * as v from "valibot";
import type { Shell } from "../shell.ts";
import type { Order, State } from "./state.ts";

/** The versions to which an alias sends its traffic. */
export interface AliasState {
  readonly version: string;
  /** Further versions that get a share of the traffic, 0–1. */
  readonly weights: Readonly<Record<string, number>>;
}

/** A CodeDeploy deployment, which shifts an alias from one version to another. */
export interface Shift {
  readonly status: "running" | "succeeded" | "failed" | "stopped";
  readonly target: string;
  readonly reason?: string;
}

/** The parameters of a traffic shift. */
export interface ShiftPlan {
  readonly application: string;
  readonly group: string;
  readonly functionName: string;
  readonly alias: string;
  readonly from: string;
  readonly to: string;
}

/** The calls of a release to Lambda, CodeDeploy and CloudWatch. @throws ThrottledError if AWS throttles a call */
export interface Traffic {
  /** Returns the state of an alias; undefined if there is no such alias. */
  aliasOf(functionName: string, alias: string): Promise<AliasState | undefined>;
  /** Moves all traffic to one version at once. */
  setAlias(functionName: string, alias: string, version: string): Promise<void>;
  /** Begins a traffic shift. @returns its id */
  beginShift(plan: ShiftPlan): Promise<string>;
  shiftOf(id: string): Promise<Shift>;
  /** Returns the ids of the unfinished shifts of a group. */
  runningShifts(application: string, group: string): Promise<readonly string[]>;
  /** Stops a shift; CodeDeploy moves the traffic back. */
  stopShift(id: string): Promise<void>;
  /** Returns the names of a group's alarms in the state ALARM. */
  ringingAlarms(application: string, group: string): Promise<readonly string[]>;
  removeProvisioned(functionName: string, alias: string): Promise<void>;
  setProvisioned(functionName: string, alias: string, executions: number): Promise<void>;
  /** Sends a GET request to one version or alias of the API. @param client the simulated client address */
  ask(functionName: string, qualifier: string | undefined, path: string, client: string): Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** The release record and lock of a stage, which are in its database. */
export interface Journal {
  begin(input: v.InferOutput<typeof Release.Begin>): Promise<Release.Info>;
  save(input: v.InferOutput<typeof Release.Save>): Promise<void>;
  list(): Promise<readonly Release.Info[]>;
  /** Returns the names of the migrations that are applied in the stage's database. */
  appliedMigrations(): Promise<readonly string[]>;
}

/** All external systems that a release uses. */
export interface World {
  readonly shell: Shell;
  readonly traffic: Traffic;
  readonly journal: Journal;
  /** Applies the migrations that are bundled with the stage's function. @returns their names */
  migrate(): Promise<readonly string[]>;
  /** Returns the outputs of the last `sst deploy`, from `.sst/outputs.json`. */
  outputs(): Promise<unknown>;
  /** Returns the files of `migrations/`, by name. */
  migrations(): Promise<ReadonlyMap<string, string>>;
  /** Writes a copy of the record to a file. @returns its path */
  keep(stage: string, record: unknown): Promise<string>;
  /** Calls `work` every `seconds` until the returned function is called. */
  every(seconds: number, work: () => Promise<void>): () => void;
  uuid(): string;
}

/** One process that works on a release. */
export interface Run {
  readonly order: Order;
  readonly world: World;
  readonly progress: (line: string) => void;
}

/**
 * Runs a step, which an earlier process may have partly or completely done.
 * @param remember records the state before the step continues
 * @returns the state at the end of the step
 */
export type StepWork = (run: Run, state: State, remember: (state: State) => Promise<void>) => Promise<State>;

/** One resource as SST would ask the provider for it, with Pulumi's secrets unwrapped. */
export interface Resource {
  /** Pulumi type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** The physical id that the mock provider generated, as other resources refer to it. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Inputs and what the mock provider computed, as other resources see them. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly options: ResourceOptions;
}

export interface ResourceOptions {
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  /** Logical name of the component that made it; undefined for the stack itself. */
  readonly parent?: string;
  /** Logical names of the resources that it depends on, explicitly or through their outputs. */
  readonly dependencies: readonly string[];
  /** AWS region of an explicit provider, where it is not the stage's own. */
  readonly region?: string;
}

/** What to evaluate: a stage name, settings as environment variables, and whether `sst dev` asks. */
export interface Variant {
  readonly id: string;
  readonly stage: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly isDev: boolean;
}

export interface Evaluation {
  readonly variant: Variant;
  readonly resources: readonly Resource[];
  /** The links of each function, by logical names: SST passes them in a file that is no resource. */
  readonly links: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What `run()` returned: SST prints it after a deployment. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

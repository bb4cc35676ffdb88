/** A resource with the inputs that SST sends to the provider, and with Pulumi's secrets unwrapped. */
export interface Resource {
  /** Pulumi type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  /** The physical id that the mock provider generated, and by which other resources refer to this resource. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The inputs and the values that the mock provider computed, as other resources read them. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly options: ResourceOptions;
}

export interface ResourceOptions {
  readonly retainOnDelete: boolean;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  /** Logical name of the component that created the resource; undefined for the stack itself. */
  readonly parent?: string;
  /** Logical names of the resources on which the resource depends, explicitly or through their outputs. */
  readonly dependencies: readonly string[];
  /** AWS region of an explicit provider, if it differs from the stage's region. */
  readonly region?: string;
}

/**
 * The parameters of an evaluation: a stage name, settings as environment variables, and whether it runs under `sst
 * dev`.
 */
export interface Variant {
  readonly id: string;
  readonly stage: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly isDev: boolean;
}

export interface Evaluation {
  readonly variant: Variant;
  readonly resources: readonly Resource[];
  /**
   * The links of each function, by logical names. They are recorded separately, since SST passes them in a file that
   * is not a resource.
   */
  readonly links: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The result of `run()`, which SST prints after a deployment. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

/** A statement of an IAM policy, with IAM's field names. */
export interface GrantStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface DeployerScope {
  readonly app: string;
  /** The stage that the role deploys; `pr-*` for previews. */
  readonly stage: string;
  readonly accountId: string;
  readonly region: string;
  /** The ARN of the policy that limits every role that the deployer creates. */
  readonly boundaryArn: string;
  /** The ARN of the deployer's own role, which the deployer may not change. */
  readonly deployerArn: string;
  /** False for previews, which have neither a network nor a database cluster of their own. */
  readonly hasNetwork: boolean;
}

export const crud = (service: string, things: readonly string[], verbs: readonly string[]) =>
  things.flatMap((thing) => verbs.map((verb) => `${service}:${verb}${thing}`));

/** Returns helpers for IAM policy statements: name patterns of the stage's resources, and conditions on their tags. */
export function wordsOf({ app, stage, accountId, region }: DeployerScope) {
  return {
    own: `${app}-${stage}-*`,
    arn: (service: string, rest: string, where = region) => `arn:aws:${service}:${where}:${accountId}:${rest}`,
    made: { StringLike: { "aws:RequestTag/sst:stage": stage } },
    tagged: { StringLike: { "aws:ResourceTag/sst:stage": stage } },
  };
}

export const allow = (
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: GrantStatement["Condition"],
): GrantStatement => ({ Sid, Effect: "Allow", Action, Resource, ...(Condition ? { Condition } : {}) });

import { type Inputs, type Translator, call, listOf, nameOf, recordOf, recordsOf, tagsOf, textOf } from "./call.ts";

const lambda = (operation: string) => ["lambda", operation] as const;
const iam = (operation: string) => ["iam", operation] as const;
const sqs = (operation: string) => ["sqs", operation] as const;
const sns = (operation: string) => ["sns", operation] as const;
const eks = (operation: string) => ["eks", operation] as const;

/** Converts inputs to the attributes of a queue or a topic, which are strings. */
const attributesOf = (inputs: Inputs, names: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(names).flatMap(([key, name]): [string, string][] =>
      inputs[key] === undefined ? [] : [[name, textOf(inputs[key])]],
    ),
  );

const QUEUE_ATTRIBUTES = {
  delaySeconds: "DelaySeconds",
  messageRetentionSeconds: "MessageRetentionPeriod",
  receiveWaitTimeSeconds: "ReceiveMessageWaitTimeSeconds",
  redrivePolicy: "RedrivePolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  visibilityTimeoutSeconds: "VisibilityTimeout",
  deduplicationScope: "DeduplicationScope",
  fifoThroughputLimit: "FifoThroughputLimit",
};

export const compute: Readonly<Record<string, Translator>> = {
  "aws:lambda/function:Function": (inputs, resource) => {
    const { s3Bucket, s3Key, code, reservedConcurrentExecutions, ...rest } = inputs;
    const functionName = nameOf(inputs, resource);
    return [
      call(
        lambda("CreateFunction"),
        {
          ...rest,
          functionName,
          code: code === undefined ? { s3Bucket, s3Key } : { zipFile: "the function's code" },
        },
        { name: undefined, sourceCodeHash: undefined, skipDestroy: undefined },
      ),
      ...(reservedConcurrentExecutions === undefined || reservedConcurrentExecutions === -1
        ? []
        : [call(lambda("PutFunctionConcurrency"), { functionName, reservedConcurrentExecutions })]),
    ];
  },
  "aws:lambda/alias:Alias": (inputs) => [call(lambda("CreateAlias"), inputs)],
  "aws:lambda/eventSourceMapping:EventSourceMapping": (inputs, { id }) => [
    call(lambda("CreateEventSourceMapping"), inputs, {}, { [id]: "UUID" }),
  ],
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (inputs) => [
    call(lambda("PutFunctionEventInvokeConfig"), inputs),
  ],
  "aws:lambda/functionUrl:FunctionUrl": (inputs) => [
    call(lambda("CreateFunctionUrlConfig"), inputs, { authorizationType: "authType" }),
  ],
  "aws:lambda/invocation:Invocation": ({ functionName, input }) => [
    call(lambda("Invoke"), { functionName, payload: textOf(input) }),
  ],
  "aws:lambda/permission:Permission": (inputs, { name }) => [
    call(lambda("AddPermission"), { statementId: `${name}-0123456`, ...inputs }, { function: "functionName" }),
  ],
  "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": (inputs) => [
    call(lambda("PutProvisionedConcurrencyConfig"), inputs),
  ],
  "aws:ssm/parameter:Parameter": (inputs) => [call(["ssm", "PutParameter"], inputs)],
  "aws:iam/policy:Policy": (inputs, { outputs }) => [
    call(
      iam("CreatePolicy"),
      { ...inputs, ...tagsOf(inputs), policy: textOf(inputs["policy"]) },
      { name: "policyName", policy: "policyDocument" },
      { [String(outputs["arn"])]: "Policy.Arn" },
    ),
  ],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (inputs) => [
    call(iam("AttachRolePolicy"), inputs, { role: "roleName" }),
  ],
  "aws:iam/role:Role": (inputs, resource) => {
    const roleName = resource.outputs["name"];
    return [
      call(
        iam("CreateRole"),
        { ...inputs, roleName, ...tagsOf(inputs), assumeRolePolicy: textOf(inputs["assumeRolePolicy"]) },
        {
          name: undefined,
          assumeRolePolicy: "assumeRolePolicyDocument",
          inlinePolicies: undefined,
          managedPolicyArns: undefined,
        },
      ),
      ...recordsOf(inputs["inlinePolicies"]).map(({ name, policy }) =>
        call(iam("PutRolePolicy"), { roleName, policyName: name ?? "inline", policyDocument: textOf(policy) }),
      ),
      ...(Array.isArray(inputs["managedPolicyArns"]) ? inputs["managedPolicyArns"] : []).map((policyArn: unknown) =>
        call(iam("AttachRolePolicy"), { roleName, policyArn }),
      ),
    ];
  },
  "aws:iam/instanceProfile:InstanceProfile": (inputs, { outputs }) => [
    call(iam("CreateInstanceProfile"), { instanceProfileName: outputs["name"] }),
    call(iam("AddRoleToInstanceProfile"), { instanceProfileName: outputs["name"], roleName: inputs["role"] }),
  ],
  "aws:kms/key:Key": (inputs, { id, outputs }) => [
    call(
      ["kms", "CreateKey"],
      { ...inputs, tags: undefined },
      { deletionWindowInDays: undefined, enableKeyRotation: undefined },
      { [id]: "KeyMetadata.KeyId", [String(outputs["arn"])]: "KeyMetadata.Arn" },
    ),
    ...(inputs["enableKeyRotation"] === true ? [call(["kms", "EnableKeyRotation"], { keyId: id })] : []),
  ],
  "aws:sqs/queue:Queue": (inputs) => [
    {
      ...call(sqs("CreateQueue"), {
        queueName: inputs["name"],
        attributes: {
          ...attributesOf(inputs, QUEUE_ATTRIBUTES),
          // SQS rejects both attributes on a queue that is not FIFO.
          ...(inputs["fifoQueue"] === true
            ? { FifoQueue: "true", ContentBasedDeduplication: textOf(inputs["contentBasedDeduplication"]) }
            : {}),
        },
      }),
      made: { [queueUrlOf(inputs)]: "QueueUrl" },
    },
  ],
  "aws:sqs/queuePolicy:QueuePolicy": (inputs) => [
    call(sqs("SetQueueAttributes"), {
      queueUrl: inputs["queueUrl"],
      attributes: { Policy: textOf(inputs["policy"]) },
    }),
  ],
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": (inputs) => [
    call(sqs("SetQueueAttributes"), {
      queueUrl: inputs["queueUrl"],
      attributes: { RedriveAllowPolicy: textOf(inputs["redriveAllowPolicy"]) },
    }),
  ],
  "aws:sns/topic:Topic": (inputs) => [
    call(sns("CreateTopic"), {
      name: inputs["name"],
      attributes: attributesOf(inputs, { kmsMasterKeyId: "KmsMasterKeyId" }),
    }),
  ],
  "aws:sns/topicPolicy:TopicPolicy": (inputs) => [
    call(sns("SetTopicAttributes"), {
      topicArn: inputs["arn"],
      attributeName: "Policy",
      attributeValue: textOf(inputs["policy"]),
    }),
  ],
  "aws:sns/topicSubscription:TopicSubscription": (inputs) => [call(sns("Subscribe"), inputs, { topic: "topicArn" })],
  "aws:cloudwatch/eventRule:EventRule": (inputs) => [call(["events", "PutRule"], inputs, { tags: undefined })],
  "aws:cloudwatch/eventTarget:EventTarget": ({ rule, arn, inputTransformer }, { name }) => [
    call(["events", "PutTargets"], {
      rule,
      targets: [
        {
          id: name,
          arn,
          inputTransformer: call(["events", "PutTargets"], recordOf(inputTransformer), { inputPaths: "inputPathsMap" })
            .params,
        },
      ],
    }),
  ],
  "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": ({ role, protectedResource, actions }) => [
    call(["guardduty", "CreateMalwareProtectionPlan"], {
      role,
      protectedResource,
      actions: { tagging: listOf(recordOf(listOf(actions)[0])["taggings"])[0] },
    }),
  ],
  "aws:scheduler/schedule:Schedule": (inputs) => [call(["scheduler", "CreateSchedule"], inputs)],
  "aws:eks/cluster:Cluster": (inputs) => [
    call(
      eks("CreateCluster"),
      {
        ...inputs,
        enabledClusterLogTypes: undefined,
        logging: { clusterLogging: [{ types: inputs["enabledClusterLogTypes"], enabled: true }] },
      },
      { vpcConfig: "resourcesVpcConfig" },
    ),
  ],
  "aws:eks/accessEntry:AccessEntry": (inputs) => [call(eks("CreateAccessEntry"), inputs)],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": (inputs) => [call(eks("AssociateAccessPolicy"), inputs)],
  "aws:eks/addon:Addon": (inputs) => [
    call(eks("CreateAddon"), inputs, {
      resolveConflictsOnCreate: "resolveConflicts",
      resolveConflictsOnUpdate: undefined,
    }),
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": (inputs) => [
    call(eks("CreatePodIdentityAssociation"), inputs),
  ],
};

/** Builds the URL of a queue as the evaluation does, since policies contain that URL. */
const queueUrlOf = (inputs: Inputs) =>
  `https://sqs.us-east-1.amazonaws.com/123456789012/${textOf(recordOf(inputs)["name"])}`;

import { beforeAll, expect, test } from "vitest";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

/**
 * API calls that check another resource, and that fail or have the wrong effect if that resource does not exist yet.
 * Pulumi creates two resources in parallel unless one declares the other as a dependency or uses its output.
 */
const CHECKED: readonly {
  readonly why: string;
  readonly type: RegExp;
  /** Pattern of the names of the dependent resources; all resources of the type if absent. */
  readonly name?: RegExp;
  /** Returns the logical names of the resources that must exist first. */
  readonly needs: (resource: Resource, evaluation: Evaluation) => readonly string[];
}[] = [
  {
    why: "PutBucketLogging checks that the target's policy lets S3 write",
    type: /:BucketLogging$/,
    needs: () => ["AccessLogsPolicy"],
  },
  {
    why: "CreateDelivery checks that the bucket's policy lets the log service write",
    type: /:LogDelivery$/,
    needs: () => ["AccessLogsPolicy", "CdnLogSource", "CdnLogDestination"],
  },
  {
    why: "AWS refuses two changes of a function's access at once (sst #6933), and access to the URL needs the URL",
    type: /:Permission$/,
    name: /^ApiCloudFrontFunctionUrlAccess$/,
    needs: () => ["ApiUrl"],
  },
  {
    why: "AWS refuses two changes of a function's access at once (sst #6933)",
    type: /:Permission$/,
    name: /^ApiCloudFrontInvokeFunction$/,
    needs: () => ["ApiUrl", "ApiCloudFrontFunctionUrlAccess"],
  },
  {
    why: "a URL with a qualifier needs its alias",
    type: /:FunctionUrl$/,
    needs: ({ inputs }) => (inputs["qualifier"] === undefined ? [] : ["ApiLive"]),
  },
  {
    why: "CreateEventSourceMapping checks that the function's role may read the queue",
    type: /:EventSourceMapping$/,
    needs: ({ name }) => [`${name.replace(/Trigger$/, "")}WorkerFunction`, `${name.replace(/Trigger$/, "")}QueueQueue`],
  },
  {
    why: "Lambda makes a function's log group itself, without an end, when the function runs before there is one",
    type: /^aws:lambda\/function:Function$/,
    name: /^(Api|Migrate|Ops|\w+Worker)Function$/,
    needs: ({ name }) => [`${name.replace(/Function$/, "")}Logs`],
  },
  {
    why: "CreateBudget checks that the topic's policy lets budgets publish",
    type: /:Budget$/,
    needs: ({ inputs }) => (JSON.stringify(inputs).includes("arn:aws:sns") ? ["AlarmsPolicy"] : []),
  },
  {
    why: "a deployment group checks its role and alarms",
    type: /:DeploymentGroup$/,
    needs: () => ["ApiDeployRole", "ApiDeploy", "ApiFailureRate", "ApiSlow", "DeliveriesDead"],
  },
  {
    why: "CreateFlowLogs checks its role",
    type: /:FlowLog$/,
    needs: () => ["FlowLogs", "FlowLogsRole"],
  },
  {
    why: "an instance that starts without an address cannot fetch what it needs",
    type: /ec2\/instance:Instance$/,
    name: /^NatInstance$/,
    needs: () => ["NatAddress", "NatAddressOnInterface"],
  },
];

/** Returns all direct and indirect dependencies of a resource. */
function before(resource: Resource, evaluation: Evaluation): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (names: readonly string[]) => {
    for (const name of names) {
      if (found.has(name)) continue;
      found.add(name);
      for (const other of evaluation.resources) if (other.name === name) visit(other.options.dependencies);
    }
  };
  visit(resource.options.dependencies);
  return found;
}

/** Returns a sentence for each missing dependency, and the number of dependencies that were checked. */
function missingEdges(evaluation: Evaluation): { readonly missing: string[]; readonly checked: number } {
  let checked = 0;
  const missing = CHECKED.flatMap(({ why, type, name, needs }) =>
    evaluation.resources
      .filter((resource) => type.test(resource.type) && (name?.test(resource.name) ?? true))
      .flatMap((resource) => {
        const there = before(resource, evaluation);
        const needed = needs(resource, evaluation);
        checked += needed.length;
        return needed
          .filter((each) => !there.has(each))
          .map((each) => `${resource.name} does not wait for ${each}: ${why}`);
      }),
  );
  return { missing, checked };
}

test("if AWS requires another resource to exist when a resource is created, the resource depends on it", () => {
  let checked = 0;
  for (const evaluation of all.filter(({ variant }) => !variant.isDev)) {
    const result = missingEdges(evaluation);
    checked += result.checked;
    expect(result.missing, evaluation.variant.id).toEqual([]);
  }
  process.stdout.write(`${checked} dependencies between resources were looked for\n`);
  expect(checked).toBeGreaterThan(300);
});

test("a missing dependency is detected after it was removed from the evaluation", () => {
  const [production] = all;
  if (!production) throw new Error("nothing was evaluated");
  const cut = (name: string, edge: string): Evaluation => ({
    ...production,
    resources: production.resources.map((resource) => {
      const dependencies = resource.options.dependencies.filter((each) => each !== edge);
      return resource.name === name ? { ...resource, options: { ...resource.options, dependencies } } : resource;
    }),
  });
  expect(missingEdges(cut("EvidenceLogging", "AccessLogsPolicy")).missing).toHaveLength(1);
  expect(missingEdges(cut("CdnLogDelivery", "AccessLogsPolicy")).missing).toHaveLength(1);
  expect(missingEdges(cut("ApiCloudFrontFunctionUrlAccess", "ApiUrl")).missing).not.toEqual([]);
});

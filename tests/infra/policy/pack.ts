import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Resource } from "../../../infra/policy/resource.ts";
import { ROOT } from "../../../infra/evaluate/evaluations.ts";

const FOLDER = join(ROOT, "infra", "policy");

export interface Diagnostic {
  readonly rule: string;
  readonly message: string;
  readonly urn: string;
  readonly isMandatory: boolean;
}

export interface Pack {
  readonly rules: readonly string[];
  /** Sends the request that Pulumi's engine sends before it creates a resource. */
  analyze(resource: Resource): Promise<Diagnostic[]>;
  /** Sends the request that the engine sends when all resources are known. */
  analyzeStack(resources: readonly Resource[]): Promise<Diagnostic[]>;
  close(): void;
}

export const urnOf = (stage: string, { type, name }: Resource) =>
  `urn:pulumi:${stage}::gotong-royong::${type}::${name}`;

/**
 * Starts the policy pack with the same program and the same protocol as Pulumi's engine.
 * @param variables settings of the stage
 * @throws Error with the pack's output when it does not start
 */
export async function startPack(stage: string, variables: Readonly<Record<string, string>>): Promise<Pack> {
  const require = createRequire(join(FOLDER, "package.json"));
  const program = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [program, "127.0.0.1:1", "."], {
    cwd: FOLDER,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk) => (errors += String(chunk)));
  const ended = once(child, "exit").then(() => Promise.reject(new Error(`the pack ended: ${errors}`)));
  ended.catch(() => undefined);
  const [port] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  const { credentials } = require("@grpc/grpc-js");
  const { AnalyzerClient } = require("@pulumi/pulumi/proto/analyzer_grpc_pb.js");
  const messages = require("@pulumi/pulumi/proto/analyzer_pb.js");
  const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js");
  const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");
  const client = new AnalyzerClient(`127.0.0.1:${String(port)}`, credentials.createInsecure());
  const ask = (method: string, request: unknown) =>
    new Promise<Answer>((resolve, reject) => {
      client[method](request, (error: unknown, answer: Answer) => (error ? reject(error) : resolve(answer)));
    });
  const describe = <T extends Request>(request: T, one: Resource): T => {
    request.setType(one.type);
    request.setName(one.name);
    request.setUrn(urnOf(stage, one));
    request.setProperties(Struct.fromJavaScript(JSON.parse(JSON.stringify({ ...one.outputs, ...one.inputs }))));
    request.setOptions(new messages.AnalyzerResourceOptions());
    return request;
  };
  const diagnostics = (answer: Answer) =>
    answer.getDiagnosticsList().map((one) => ({
      rule: one.getPolicyname(),
      message: one.getMessage(),
      urn: one.getUrn(),
      isMandatory: one.getEnforcementlevel() === messages.EnforcementLevel.MANDATORY,
    }));
  const info = await ask("getAnalyzerInfo", new Empty());
  return {
    rules: info.getPoliciesList().map((each) => each.getName()),
    analyze: async (one) => diagnostics(await ask("analyze", describe(new messages.AnalyzeRequest(), one))),
    async analyzeStack(resources) {
      const request = new messages.AnalyzeStackRequest();
      for (const one of resources) request.addResources(describe(new messages.AnalyzerResource(), one));
      return diagnostics(await ask("analyzeStack", request));
    },
    close() {
      client.close();
      child.kill();
    },
  };
}

interface Request {
  setType(type: string): void;
  setName(name: string): void;
  setUrn(urn: string): void;
  setProperties(properties: unknown): void;
  setOptions(options: unknown): void;
}
interface Answer {
  getPoliciesList(): { getName(): string }[];
  getDiagnosticsList(): {
    getPolicyname(): string;
    getMessage(): string;
    getUrn(): string;
    getEnforcementlevel(): number;
  }[];
}

import crypto from "node:crypto";
import dns from "node:dns";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type App, bundleConfig } from "./bundle.ts";
import { call, newResource } from "./mocks.ts";
import { noRandom, normalise } from "./normalise.ts";
import type { Evaluation, Resource, ResourceOptions, Variant } from "./resource.ts";
import { startRpcServer } from "./rpc-server.ts";

const REGION = "us-east-1";
/** Required settings of every deployment. Each value satisfies the minimum length that the configuration requires. */
const NEEDED = {
  MARKOV_API_URL: "https://markov.example.org",
  GOTONG_VERSION: "1.2.3",
  GOTONG_ALARM_EMAIL: "operator@example.org",
  SST_SECRET_JwtKey: "mock-jwt-key-0123456789abcdef0123456789",
  SST_SECRET_JwtKeyPrevious: "",
  SST_SECRET_WebhookSecret: "mock-webhook-secret-0123456789abcdef",
  SST_SECRET_WebhookSecretPrevious: "",
  SST_SECRET_MarkovToken: "mock-markov-token-0123456789abcdef01",
};

let evaluations = 0;

/**
 * Evaluates `sst.config.ts` of `root` with Pulumi's mocks and SST's own components, and waits for all pending work.
 * Evaluations must not run concurrently, since the configuration reads the environment of the process.
 * @throws the error of the configuration, of a rejected promise in the background, or of a lookup without a mock
 */
export async function evaluate(root: string, variant: Variant): Promise<Evaluation> {
  const started = Date.now();
  const usedBefore = process.cpuUsage();
  const work = mkdtempSync(join(tmpdir(), "gotong-infra-"));
  const outfile = join(root, ".sst", "platform", `evaluation-${process.pid}-${(evaluations += 1)}.mjs`);
  const server = await startRpcServer(work);
  const before = { ...process.env };
  const failures: unknown[] = [];
  const { randomBytes } = crypto;
  const { resolve4, resolve6 } = dns.promises;
  // A configuration that fails in the background never finishes. So callers also wait for this promise, which rejects
  // in that case.
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  const onRejection = (error: unknown) => {
    failures.push(error);
    fail(error);
  };
  process.on("unhandledRejection", onRejection);
  let made: readonly Resource[] = [];
  try {
    // Removes the developer's own settings, which must not change the reviewed output.
    for (const name of Object.keys(process.env)) if (/^(GOTONG_|SST_SECRET_)/.test(name)) delete process.env[name];
    Object.assign(
      process.env,
      NEEDED,
      { SST_SERVER: server.url, SST_AWS_REGION: REGION, AWS_REGION: REGION, GOTONG_APP_DIR: appIn(work) },
      variant.variables,
    );
    const app = await appOf(root, variant, work);
    await bundleConfig(root, app, variant.isDev, work, outfile);
    const runtime = mockRuntime(root, app, failures);
    made = runtime.resources;
    Object.assign(crypto, { randomBytes: noRandom });
    Object.assign(dns.promises, {
      resolve4: addressesOf("MOCK_MARKOV_IPV4", "192.0.2.7"),
      resolve6: addressesOf("MOCK_MARKOV_IPV6", "2001:db8::1"),
    });
    const program: { default: () => Promise<Record<string, unknown>> } = await import(pathToFileURL(outfile).href);
    const outputs = await Promise.race([runtime.run(program.default), failed]);
    if (failures.length > 0) throw failures[0];
    const resources = runtime.resources.toSorted((a, b) => compare(`${a.type} ${a.name}`, `${b.type} ${b.name}`));
    return normalise(
      {
        variant,
        resources,
        links: server.links,
        outputs,
        milliseconds: Date.now() - started,
        cpuMilliseconds: cpuSince(usedBefore),
      },
      [
        work,
        root,
        // The directory that contains the real `.sst`, if `.sst` is a symbolic link: paths of SST's files then start
        // with that directory.
        dirname(realpathSync(join(root, ".sst"))),
      ],
    );
  } catch (error) {
    throw new Error(
      `the stage ${variant.id} does not evaluate, after ${made.filter(({ type }) => type.startsWith("aws:")).length} resources of AWS: ${error instanceof Error ? error.stack : String(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    Object.assign(crypto, { randomBytes });
    Object.assign(dns.promises, { resolve4, resolve6 });
    process.off("unhandledRejection", onRejection);
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    await server.close();
    rmSync(outfile, { force: true });
    rmSync(work, { recursive: true, force: true });
  }
}

/** Returns the CPU milliseconds that this process has used since `before`, without other processes of the host. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / 1000);
}

/**
 * Returns a DNS resolver with this fixed address. The environment variable replaces the address; an empty variable
 * means that there is no record.
 */
const addressesOf = (variable: string, address: string) => async () =>
  [process.env[variable] ?? address].filter((each) => each !== "");

/** Creates an app with one file of each kind, so that the reviewed output does not change with every page. */
function appIn(work: string): string {
  for (const path of ["index.html", "sw.js", "manifest.webmanifest", "icons/icon.svg", "assets/app-0a1b2c3d.js"]) {
    const file = join(work, "app", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
  }
  return join(work, "app");
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Calls `app()` of the configuration, which SST also does first. */
async function appOf(root: string, variant: Variant, work: string): Promise<App> {
  const { build } = await import("esbuild");
  const outfile = join(work, "app.mjs");
  await build({
    entryPoints: [join(root, "sst.config.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "error",
    define: { $config: "identity" },
    banner: { js: "const identity = (config) => config;" },
  });
  const config: { default: { app(input: { stage: string }): Partial<App> | Promise<Partial<App>> } } = await import(
    pathToFileURL(outfile).href
  );
  const app = await config.default.app({ stage: variant.stage });
  return {
    name: app.name ?? "",
    stage: variant.stage,
    removal: app.removal ?? "retain",
    protect: app.protect ?? false,
    providers: app.providers ?? {},
    home: app.home ?? "aws",
  };
}

/** Replaces the engine of Pulumi's runtime by mocks. */
function mockRuntime(root: string, app: App, failures: unknown[]) {
  const require = createRequire(join(root, ".sst", "platform", "package.json"));
  const { runtime } = require("@pulumi/pulumi");
  const { getStore } = require("@pulumi/pulumi/runtime/state");
  const resources: Resource[] = [];
  let options: ResourceOptions = { retainOnDelete: false, protect: false, ignoreChanges: [], dependencies: [] };
  runtime.setAllConfig({ "aws:region": REGION });
  runtime.setMocks(
    {
      newResource(args: { type: string; name: string; inputs: Record<string, unknown>; id?: string }) {
        const answer = newResource(options.region ?? ownRegion(args.inputs) ?? REGION, args);
        resources.push({
          type: args.type,
          name: args.name,
          id: answer.id,
          inputs: args.inputs,
          outputs: answer.state,
          options,
        });
        return answer;
      },
      call(args: { token: string; inputs: Record<string, unknown> }) {
        try {
          return call(REGION, args.token, args.inputs);
        } catch (error) {
          failures.push(error);
          throw error;
        }
      },
    },
    app.name,
    app.stage,
    false,
  );
  // Pulumi's mock monitor passes neither the options nor the parent of a resource, so they are read from the request.
  const monitor = runtime.getMonitor();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: Request, callback: unknown) => {
    options = optionsOf(request);
    return register(request, callback);
  };
  const settle = async () => {
    for (let quiet = 0; quiet < 3;) {
      if (failures.length > 0) return;
      await runtime.waitForRPCs();
      await nextTurn();
      quiet = getStore().leakCandidates.size === 0 ? quiet + 1 : 0;
      if (quiet === 0) await Promise.race(getStore().leakCandidates).catch(() => undefined);
    }
  };
  const run = async (program: () => Promise<Record<string, unknown>>): Promise<Record<string, unknown>> => {
    const outputs: Record<string, unknown> = await runtime.runInPulumiStack(program);
    await settle();
    return plain(outputs, require("@pulumi/pulumi"));
  };
  return { resources, run };
}

interface Request {
  getRetainondelete(): boolean;
  getProtect(): boolean;
  getIgnorechangesList(): string[];
  getParent(): string;
  getProvider(): string;
  getDependenciesList(): string[];
}

const nameOfUrn = (urn: string) => urn.split("::").at(-1) ?? "";

function optionsOf(request: Request): ResourceOptions {
  const parent = nameOfUrn(request.getParent());
  const region = /AwsProvider\.sst\.([a-z0-9-]+)/.exec(request.getProvider())?.[1];
  return {
    retainOnDelete: request.getRetainondelete(),
    protect: request.getProtect(),
    ignoreChanges: request.getIgnorechangesList(),
    dependencies: request.getDependenciesList().map(nameOfUrn).toSorted(),
    ...(parent && !request.getParent().includes("pulumi:pulumi:Stack::") ? { parent } : {}),
    ...(region === undefined ? {} : { region }),
  };
}

/** Resolves the outputs of the program to plain values. */
async function plain(
  outputs: Record<string, unknown>,
  pulumi: { output(value: unknown): { promise(): Promise<unknown> } },
) {
  const entries = Object.entries(outputs).map(async ([name, value]) => [name, await pulumi.output(value).promise()]);
  return Object.fromEntries(await Promise.all(entries));
}

/** Returns the region in the inputs of an AWS resource, if it differs from the provider's. */
function ownRegion(inputs: Readonly<Record<string, unknown>>): string | undefined {
  return typeof inputs["region"] === "string" ? inputs["region"] : undefined;
}

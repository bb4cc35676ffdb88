import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createContext, runInContext } from "node:vm";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSite } from "@gotong/api/http/site.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";

let all: readonly Evaluation[];
const directory = mkdtempSync(join(tmpdir(), "gotong-app-"));
beforeAll(async () => {
  all = await evaluateAll();
  for (const { inputs } of filesOf(stage("tenant-bandung"))) {
    const file = join(directory, String(inputs["key"]));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "");
  }
}, 600_000);
afterAll(() => {
  Config.use({});
  Storage.reset();
  rmSync(directory, { recursive: true });
});

function stage(id: string): Evaluation {
  const found = all.find(({ variant }) => variant.id === id);
  if (!found) throw new Error(`there is no variant ${id}`);
  return found;
}
function one({ resources }: Evaluation, type: RegExp, name: string): Resource {
  const found = resources.find((resource) => type.test(resource.type) && resource.name === name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}
const filesOf = ({ resources }: Evaluation) =>
  resources.filter(({ type, name }) => type === "aws:s3/bucketObjectv2:BucketObjectv2" && name.startsWith("App/"));

interface EdgeRequest {
  readonly method: string;
  readonly uri: string;
  readonly accept: string;
}
const Entries = v.object({ namespace: v.string(), entries: v.object({ metadata: v.string() }) });
const Routes = v.object({ namespace: v.string(), entry: v.string() });
const Forwarded = v.object({ uri: v.string(), querystring: v.record(v.string(), v.unknown()) });
const Origin = v.object({
  domainName: v.string(),
  originAccessControlConfig: v.object({ enabled: v.boolean(), originType: v.optional(v.string()) }),
});

/**
 * Runs the stage's CloudFront function with the stage's routes on a request.
 * @returns the changed request, and the origin if the function selected another one
 */
async function atTheEdge({ resources }: Evaluation, { method, uri, accept }: EdgeRequest) {
  const dynamic = resources.filter(({ type }) => type === "pulumi-nodejs:dynamic:Resource");
  const routes = dynamic.flatMap(({ inputs }) => (v.is(Routes, inputs) ? [inputs] : []));
  const store = new Map<string, string>(
    dynamic.flatMap(({ inputs }) =>
      v.is(Entries, inputs) ? [[`${inputs.namespace}:metadata`, inputs.entries.metadata] as const] : [],
    ),
  );
  store.set(`${routes[0]?.namespace}:routes`, JSON.stringify(routes.map(({ entry }) => entry)));
  let origin: unknown;
  const cf = {
    kvs: () => ({
      get: async (key: string) => store.get(key) ?? Promise.reject(new Error(key)),
    }),
    updateRequestOrigin: (chosen: unknown) => (origin = chosen),
  };
  const code = resources.find(({ name }) => name === "RouterCloudfrontFunctionRequest")?.inputs["code"];
  const event = {
    request: {
      method,
      uri,
      headers: { host: { value: "app.example.org" }, accept: { value: accept } },
      cookies: {},
      querystring: { "response-content-type": { value: "text/html" } },
    },
    viewer: { ip: "203.0.113.7" },
  };
  const context = createContext({ cf, event });
  const answer: unknown = await runInContext(
    `${String(code).replace('import cf from "cloudfront";', "")}\nhandler(event);`,
    context,
  );
  return { request: v.parse(Forwarded, answer), origin: v.parse(Origin, origin) };
}

/**
 * Returns the response of the app's server, which the local stack and the image use, to the same request; undefined if
 * that server leaves the request to the API.
 */
function atTheServer(storageOrigin: string, { method, uri, accept }: EdgeRequest) {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method, url: uri, headers: { accept } });
  const response = new ServerResponse(request);
  let headers: Record<string, unknown> | undefined;
  response.writeHead = (_status: number, given?: unknown) => {
    headers ??= Object.fromEntries(Object.entries(Object(given)));
    return response;
  };
  return createSite({ directory, storageOrigin })(request, response) ? headers : undefined;
}

const PAGE = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";
const REQUESTS: readonly EdgeRequest[] = [
  ...["/", "/tasks/0192", "/me/settings", "/index.html", "/v1x", "/docsish", "/icons/none.txt"].flatMap((uri) =>
    [PAGE, "application/json", "*/*"].map((accept) => ({ method: "GET", uri, accept })),
  ),
  ...["/sw.js", "/manifest.webmanifest", "/icons/icon.svg"].map((uri) => ({ method: "GET", uri, accept: "*/*" })),
  ...["/v1/tasks", "/v1", "/docs", "/docs/problems", "/health", "/live", "/ready", "/metrics", "/openapi.json"].map(
    (uri) => ({ method: "GET", uri, accept: PAGE }),
  ),
  ...["POST", "PUT", "DELETE", "OPTIONS"].map((method) => ({ method, uri: "/", accept: PAGE })),
  { method: "HEAD", uri: "/", accept: PAGE },
].filter(({ uri, accept }) => uri !== "/icons/none.txt" || accept === PAGE);

test.each(["tenant-bandung", "production with a domain, warm", "pr-1", "staging"])(
  "%s: the edge sends a request to the app's bucket exactly when the local server responds with a file of the app",
  async (id) => {
    const bucket = `${String(one(stage(id), /:Bucket$/, "AppFilesBucket").outputs["bucket"])}.s3.us-east-1.amazonaws.com`;
    let pages = 0;
    for (const asked of REQUESTS) {
      if (asked.uri === "/icons/none.txt") continue; // tested separately below
      const { request, origin } = await atTheEdge(stage(id), asked);
      const served = atTheServer("https://storage.example.org", asked);
      const label = `${asked.method} ${asked.uri} ${asked.accept}`;
      expect(origin.domainName === bucket, label).toBe(served !== undefined);
      expect(origin.originAccessControlConfig, label).toMatchObject({
        enabled: true,
        originType: served ? "s3" : "lambda",
      });
      if (!served) {
        expect(request.uri, label).toBe(asked.uri);
        expect(Object.keys(request.querystring), label).toHaveLength(1);
        continue;
      }
      pages += 1;
      const isPage = served["content-type"] === "text/html; charset=utf-8";
      expect(request.uri, label).toBe(isPage ? "/index.html" : asked.uri);
      // S3 would interpret parameters of the query string.
      expect(request.querystring, label).toEqual({});
    }
    expect(pages).toBeGreaterThan(8);
  },
);

test("the edge does not answer a request for a missing file with the app's page, which a browser would use as a script or picture", async () => {
  const { request } = await atTheEdge(stage("tenant-bandung"), { method: "GET", uri: "/icons/none.txt", accept: PAGE });
  expect(request.uri).toBe("/icons/none.txt");
});

const Behaviours = v.object({
  defaultCacheBehavior: v.object({ responseHeadersPolicyId: v.string() }),
  orderedCacheBehaviors: v.array(v.object({ pathPattern: v.string(), responseHeadersPolicyId: v.string() })),
});
const Headers = v.object({
  customHeadersConfig: v.object({
    items: v.array(v.object({ header: v.string(), value: v.string(), override: v.boolean() })),
  }),
  securityHeadersConfig: v.object({
    contentSecurityPolicy: v.object({ contentSecurityPolicy: v.string(), override: v.boolean() }),
    frameOptions: v.object({ frameOption: v.string() }),
    referrerPolicy: v.object({ referrerPolicy: v.string() }),
    contentTypeOptions: v.object({ override: v.literal(true) }),
  }),
});

test("files of the app get the security headers of the local server; the edge does not override headers of the API", () => {
  const tenant = stage("tenant-bandung");
  const { securityHeadersConfig: strict, customHeadersConfig: custom } = v.parse(
    Headers,
    one(tenant, /:ResponseHeadersPolicy$/, "SecurityHeaders").inputs,
  );
  const csp = strict.contentSecurityPolicy;
  const storage = /connect-src 'self' (\S+);/.exec(csp.contentSecurityPolicy)?.[1] ?? "";
  const sent = {
    "content-security-policy": csp.contentSecurityPolicy,
    "x-frame-options": strict.frameOptions.frameOption,
    "referrer-policy": strict.referrerPolicy.referrerPolicy,
    "x-content-type-options": "nosniff",
    ...Object.fromEntries(custom.items.map(({ header, value }) => [header, value])),
  };
  expect(atTheServer(storage, { method: "GET", uri: "/", accept: PAGE })).toMatchObject(sent);
  expect([csp.override, ...custom.items.map(({ override }) => override)]).toEqual([false, false, false]);
  for (const { inputs } of filesOf(tenant)) {
    const served = atTheServer(storage, { method: "GET", uri: `/${String(inputs["key"])}`, accept: "*/*" });
    expect(inputs, String(inputs["key"])).toMatchObject({
      contentType: served?.["content-type"],
      cacheControl: served?.["cache-control"],
    });
  }
  expect(filesOf(tenant)).toHaveLength(5);
  const cdn = v.parse(Behaviours, one(tenant, /:Distribution$/, "RouterCdnDistribution").inputs);
  expect(cdn.orderedCacheBehaviors).toEqual([
    { pathPattern: "/assets/*", responseHeadersPolicyId: cdn.defaultCacheBehavior.responseHeadersPolicyId },
    { pathPattern: "/v1/avatars/*", responseHeadersPolicyId: cdn.defaultCacheBehavior.responseHeadersPolicyId },
  ]);
});

describe("uploads and pictures of the app:", () => {
  test.each([
    ["tenant-bandung", "true"],
    ["production, small", "true"],
    ["production", "false"],
    ["staging", "false"],
  ])(
    "the content security policy of %s allows the storage host for which the API signs URLs",
    async (id, isDualStack) => {
      const evaluation = stage(id);
      const bucket = String(one(evaluation, /:Bucket$/, "EvidenceBucketBucket").outputs["bucket"]);
      const variables = one(evaluation, /:Function$/, "ApiFunction").inputs["environment"];
      expect(JSON.stringify(variables).includes('"AWS_USE_DUALSTACK_ENDPOINT":"true"')).toBe(isDualStack === "true");
      Config.use({
        S3_BUCKET: bucket,
        AWS_REGION: "us-east-1",
        S3_ACCESS_KEY: "mock",
        S3_SECRET_KEY: "mock-secret-key",
      });
      Storage.reset();
      const before = process.env["AWS_USE_DUALSTACK_ENDPOINT"];
      process.env["AWS_USE_DUALSTACK_ENDPOINT"] = isDualStack;
      try {
        const binding = { key: "photos/a", sha256: "00".repeat(32), contentType: "image/jpeg", sizeBytes: 1 };
        const { url } = await Storage.presignPut(binding, 60);
        const { inputs } = one(evaluation, /:ResponseHeadersPolicy$/, "SecurityHeaders");
        expect(JSON.stringify(inputs)).toContain(`connect-src 'self' ${new URL(url).origin};`);
      } finally {
        if (before === undefined) delete process.env["AWS_USE_DUALSTACK_ENDPOINT"];
        else process.env["AWS_USE_DUALSTACK_ENDPOINT"] = before;
      }
    },
  );

  test.each([
    ["tenant-bandung", ["https://d1111abcdef8.cloudfront.net"]],
    ["production with a domain, warm", ["https://api.example.org", "https://app.example.org"]],
  ])(
    "the bucket of %s accepts uploads from the app's own origin, and links in mail open the app's pages",
    (id, origins) => {
      const evaluation = stage(id);
      expect(one(evaluation, /:BucketCorsConfiguration$/, "EvidenceCors").inputs).toMatchObject({
        corsRules: [{ allowedOrigins: origins, allowedMethods: ["PUT", "GET"] }],
      });
      expect(one(evaluation, /:Function$/, "ApiFunction").inputs["environment"]).toMatchObject({
        variables: {
          PASSWORD_RESET_URL: `${origins[0]}/reset`,
          EMAIL_PROOF_URL: `${origins[0]}/confirm-email`,
          EMAIL_CHANGE_URL: `${origins[0]}/confirm-email?change`,
          INVITATION_URL: `${origins[0]}/register`,
        },
      });
    },
  );
});

test("a deployment uploads the app's page after its scripts and keeps older scripts; the app's bucket is removed with its stage", () => {
  for (const evaluation of all) {
    const files = filesOf(evaluation);
    const assets = files.filter(({ inputs }) => String(inputs["key"]).startsWith("assets/"));
    expect(assets.map(({ options }) => options.retainOnDelete)).toEqual(assets.map(() => true));
    const page = files.find(({ inputs }) => inputs["key"] === "index.html");
    expect(page?.options.dependencies).toEqual(expect.arrayContaining(assets.map(({ name }) => name)));
    const bucket = one(evaluation, /:Bucket$/, "AppFilesBucket");
    expect([bucket.options.retainOnDelete, bucket.inputs["forceDestroy"]], evaluation.variant.id).toEqual([
      false,
      true,
    ]);
  }
});

test("without GOTONG_APP_DIR a deployment builds the app: its page finds its scripts, and the edge code stays within CloudFront's limit", () => {
  const variant = {
    id: "built",
    stage: "production",
    variables: { GOTONG_APP_DIR: "", GOTONG_DOMAIN: "a-long-name-of-a-host.example.org", GOTONG_TRACED_PERCENT: "33" },
    isDev: false,
  };
  const code = `import { evaluate } from ${JSON.stringify(join(ROOT, "infra/evaluate/evaluate.ts"))};
    const { resources } = await evaluate(${JSON.stringify(ROOT)}, ${JSON.stringify(variant)});
    const keys = resources.filter(({ name }) => name.startsWith("App/")).map(({ inputs }) => inputs.key);
    const { code } = resources.find(({ name }) => name === "RouterCloudfrontFunctionRequest").inputs;
    process.stdout.write(JSON.stringify({ keys, codeBytes: Buffer.byteLength(code) }));`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 120_000,
  });
  expect([status, status === 0 ? "" : stderr]).toEqual([0, ""]);
  const { keys, codeBytes } = v.parse(
    v.pipe(v.string(), v.parseJson(), v.object({ keys: v.array(v.string()), codeBytes: v.number() })),
    stdout,
  );
  expect(keys).toEqual(expect.arrayContaining(["index.html", "sw.js", "manifest.webmanifest", "icons/icon.svg"]));
  expect(keys.filter((key) => key.startsWith("assets/")).length).toBeGreaterThan(5);
  process.stdout.write(`${keys.length} files of the app; ${codeBytes} of 10,240 bytes of code at the edge\n`);
  expect(codeBytes).toBeLessThan(10_240);
});

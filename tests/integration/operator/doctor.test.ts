import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { freePort } from "@gotong/local/ports.ts";
import { parse } from "@gotong/ops/program.ts";
import { runHere } from "@gotong/ops/command.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const MAIN = join(import.meta.dirname, "..", "..", "..", "packages", "ops", "src", "main.ts");
const Findings = v.object({
  findings: v.array(
    v.object({ about: v.string(), state: v.string(), found: v.string(), todo: v.optional(v.string()) }),
  ),
});

async function doctor(variables: Record<string, string | undefined> = {}) {
  Config.use({ ...platform.variables, ...variables });
  const parsed = parse(["doctor"]);
  if ("help" in parsed) throw new Error("that is the help");
  const { text, data, isAlarming } = await runHere(parsed, () => undefined);
  const { findings } = v.parse(Findings, data);
  return {
    text,
    isAlarming,
    of: (about: string) => findings.filter((one) => one.about === about),
    problems: findings.filter(({ state }) => state === "problem").map(({ about }) => about),
  };
}

/** A fake Markov whose clock is `aheadSeconds` ahead. */
let server: ReturnType<typeof createServer>;
let markov: string;
let aheadSeconds = 0;
beforeEach(async () => {
  server = createServer((_, response) => {
    response.writeHead(404, { date: new Date(Date.now() + aheadSeconds * 1000).toUTCString() }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  markov = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});
afterEach(async () => {
  Config.use(platform.variables);
  await new Promise((resolve) => server.close(resolve));
});

test("gotong doctor reports no problem on a working stack", async () => {
  const { text, isAlarming, of, problems } = await doctor({ MARKOV_API_URL: markov });
  expect(problems, text).toEqual([]);
  expect(isAlarming).toBe(false);
  expect(text).toContain("nothing stands in the way");
  expect(of("migrations")[0]?.found).toMatch(/^all \d+ are applied$/);
  expect(of("queue deliveries")[0]?.state).toBe("ok");
  for (const about of ["the database's clock", "Markov's clock"]) expect(of(about)[0]?.state).toBe("ok");
});

test("gotong doctor reports a dependency that does not respond, still checks the others, and exits with 1", async () => {
  const child = spawn(process.execPath, [MAIN, "doctor"], {
    env: {
      ...process.env,
      ...platform.variables,
      MARKOV_API_URL: `http://127.0.0.1:${await freePort()}`,
      DATABASE_URL: "postgres://none:nothing@127.0.0.1:1/none",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code, out).toBe(1);
  expect(out).toMatch(/^PROBLEM {2}database: .*\n {9}is it running, and does DATABASE_URL lead to it\?$/m);
  expect(out).toMatch(/^PROBLEM {2}Markov: .*ECONNREFUSED/m);
  expect(out).toMatch(/^ok {7}storage: the bucket answers$/m);
  expect(out).not.toContain("nothing@");
});

test("gotong doctor reports a guessable secret, a missing setting and a wrong clock, each with a remedy", async () => {
  aheadSeconds = 600;
  const wrong = await doctor({
    STAGE: "production",
    JWT_KEY: "change-me-change-me-change-me-change",
    MARKOV_API_URL: markov,
  });
  expect(wrong.of("settings").map(({ found }) => found)).toContainEqual(
    expect.stringMatching(/^JWT_KEY is a well-known or guessable value: .*openssl rand -hex 32/),
  );
  expect(wrong.of("Markov's clock")[0]).toMatchObject({ state: "problem", todo: expect.stringContaining("NTP") });
  const missing = await doctor({ MARKOV_API_URL: undefined });
  expect(missing.of("settings").map(({ found }) => found)).toContain("MARKOV_API_URL is not set");
  expect(missing.of("Markov")).toEqual([]);
});

import { expect, test } from "vitest";
import { unreachableMarkov } from "../../infra/markov-address.ts";
import { describeStage } from "../../infra/stages.ts";

const MARKOV = "https://markov.example.org/api";
const tenant = describeStage("tenant-bandung");
const resolve4 = async () => ["192.0.2.7"];
const failing = (code: string) => {
  const asked: string[] = [];
  const resolve6 = (host: string): Promise<string[]> => {
    asked.push(host);
    return Promise.reject(Object.assign(new Error(code), { code }));
  };
  return { asked, resolvers: { resolve4, resolve6 } };
};

test("deploying a stage with IPv6 egress fails if Markov has no IPv6 address, with a hint which setting to change", async () => {
  for (const code of ["ENODATA", "ENOTFOUND"]) {
    const { asked, resolvers } = failing(code);
    const problem = await unreachableMarkov(tenant, MARKOV, resolvers);
    expect(problem).toMatch(/^markov\.example\.org has no IPv6 address.*GOTONG_EGRESS=nat-instance/);
    expect(asked).toEqual(["markov.example.org"]);
  }
  expect(await unreachableMarkov(tenant, MARKOV, { resolve4, resolve6: async () => [] })).toContain(
    "GOTONG_EGRESS=nat-instance",
  );
  expect(await unreachableMarkov(tenant, "https://192.0.2.7")).toContain("IPv4 address");
});

test("a stage with IPv6 egress is deployed if Markov has an IPv6 address; other stages do not look one up", async () => {
  expect(await unreachableMarkov(tenant, MARKOV, { resolve4, resolve6: async () => ["2001:db8::1"] })).toBeUndefined();
  const { asked, resolvers } = failing("ENODATA");
  for (const name of ["staging", "production", "wulan"])
    expect(await unreachableMarkov(describeStage(name), MARKOV, resolvers)).toBeUndefined();
  expect(
    await unreachableMarkov(describeStage("tenant-bandung", { egress: "nat-instance" }), MARKOV, resolvers),
  ).toBeUndefined();
  expect(asked).toEqual([]);
});

test("if the DNS lookup of Markov times out it is retried, and then the deployment is rejected", async () => {
  const { asked, resolvers } = failing("ETIMEOUT");
  expect(await unreachableMarkov(tenant, MARKOV, resolvers)).toContain("could not be looked up (ETIMEOUT)");
  expect(asked).toHaveLength(3);
  let tries = 0;
  const flaky = async () => {
    tries += 1;
    if (tries < 3) throw Object.assign(new Error("x"), { code: "ESERVFAIL" });
    return ["2001:db8::1"];
  };
  expect(await unreachableMarkov(tenant, MARKOV, { resolve4, resolve6: flaky })).toBeUndefined();
});

test("no stage is deployed if Markov has only IPv6, since the senders are outside of the VPC, where Lambda has only IPv4", async () => {
  const resolvers = { resolve4: async () => [], resolve6: async () => ["2001:db8::1"] };
  for (const name of ["tenant-bandung", "staging", "production", "wulan", "pr-1"]) {
    expect(await unreachableMarkov(describeStage(name), MARKOV, resolvers), name).toMatch(
      /^markov\.example\.org has no IPv4 address, and workers deliver over IPv4 alone/,
    );
    expect(await unreachableMarkov(describeStage(name), "https://[2001:db8::1]:8443", resolvers), name).toContain(
      "is an IPv6 address",
    );
  }
});

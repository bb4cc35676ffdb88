import { afterEach, beforeEach, expect, test } from "vitest";
import { Config } from "../../platform/config.ts";
import { Hashing } from "./hashing.ts";

beforeEach(() => Config.use({ HASHING_CONCURRENCY: "2", HASHING_QUEUE_LENGTH: "6", HASHING_QUEUE_PER_ADDRESS: "4" }));
afterEach(() => Config.use({}));

/** Starts hash jobs that finish when the test decides, and lists them in the order in which they began. */
function hashings() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const ask = (from: string, name = from) =>
    Hashing.forSource(from, () =>
      Hashing.run(
        () =>
          new Promise<string>((end) => {
            begun.push(name);
            ends.push(() => end(name));
          }),
      ),
    ).catch((error: unknown) => (error instanceof Error && "code" in error ? error.code : error));
  const finish = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  const finishAll = async () => {
    await new Promise(setImmediate); // lets every job start that is allowed to start
    while (ends.length > 0) await finish();
  };
  return { begun, ask, finish, finishAll };
}

test("at most HASHING_CONCURRENCY hashes run at once, and a waiting hash starts when another ends", async () => {
  const { begun, ask, finish, finishAll } = hashings();
  const answers = [ask("a", "1"), ask("a", "2"), ask("a", "3"), ask("a", "4")];
  await new Promise(setImmediate);
  expect(begun).toEqual(["1", "2"]);
  await finish();
  expect(begun).toEqual(["1", "2", "3"]);
  await finishAll();
  expect(await Promise.all(answers)).toEqual(["1", "2", "3", "4"]);
});

test("hash jobs run in turn by source: a new source does not wait behind all jobs of another source", async () => {
  const { begun, ask, finishAll } = hashings();
  const answers = ["1", "2", "3", "4", "5"].map((name) => ask("greedy", `greedy ${name}`));
  answers.push(ask("member"));
  await finishAll();
  await Promise.all(answers);
  expect(begun).toEqual(["greedy 1", "greedy 2", "member", "greedy 3", "greedy 4", "greedy 5"]);
});

test("a hash job of a source above its share of the queue is rejected immediately, with Retry-After", async () => {
  const { ask, finishAll } = hashings();
  const answers = Array.from({ length: 8 }, () => ask("a"));
  const refusal = await Hashing.forSource("a", () => Hashing.run(async () => undefined)).catch(
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({
    code: "UNAVAILABLE",
    status: 503,
    retryAfterSeconds: 5,
    detail: expect.stringContaining("Try again shortly"),
  });
  await finishAll();
  expect(await Promise.all(answers)).toEqual([...Array(6).fill("a"), "UNAVAILABLE", "UNAVAILABLE"]);
});

test("a full queue of hashes evicts a job of the largest source, and rejects a source that has as many jobs as the others", async () => {
  const { ask, finishAll } = hashings();
  const first = Array.from({ length: 6 }, () => ask("a")); // two jobs run, four wait
  const second = [ask("b"), ask("b")]; // six jobs wait
  const third = ask("c"); // evicts the last job of a
  await new Promise(setImmediate);
  const fourth = [ask("b"), ask("b")]; // rejected: b would have three jobs, as many as a
  await finishAll();
  expect(await Promise.all(first)).toEqual([...Array(5).fill("a"), "UNAVAILABLE"]);
  expect(await Promise.all(second)).toEqual(["b", "b"]);
  expect(await third).toBe("c");
  expect(await Promise.all(fourth)).toEqual(["UNAVAILABLE", "UNAVAILABLE"]);
});

test("a full queue of hashes accepts as many jobs as before once it has emptied", async () => {
  for (let round = 0; round < 3; round += 1) {
    const { ask, finishAll } = hashings();
    const first = Array.from({ length: 6 }, () => ask("a")); // two jobs run, four wait
    const others = [ask("b"), ask("b"), ask("c")]; // evicts the last job of a
    await finishAll();
    expect(await Promise.all(first)).toEqual([...Array(5).fill("a"), "UNAVAILABLE"]);
    expect(await Promise.all(others)).toEqual(["b", "b", "c"]);
  }
});

test("a source of hashes with a running job gets no priority: its next job waits behind those of other sources", async () => {
  const { begun, ask, finish, finishAll } = hashings();
  const answers = [ask("a", "a1"), ask("a", "a2")];
  await new Promise(setImmediate);
  await finish(); // a1 finishes, a2 still runs
  answers.push(ask("b", "b1"), ask("c", "c1"), ask("c", "c2"), ask("a", "a3"));
  await finishAll();
  expect(begun).toEqual(["a1", "a2", "b1", "c1", "c2", "a3"]);
  await Promise.all(answers);
});

test("a source of hashes whose jobs have all finished counts as new: its next job precedes further jobs of waiting sources", async () => {
  const { begun, ask, finish, finishAll } = hashings();
  const answers = [ask("a", "a1"), ask("b", "b1")];
  await new Promise(setImmediate);
  await finish(); // a1 finishes
  answers.push(ask("c", "c1"), ask("c", "c2"), ask("c", "c3"), ask("a", "a2"));
  await finishAll();
  expect(begun).toEqual(["a1", "b1", "c1", "a2", "c2", "c3"]);
  await Promise.all(answers);
});

test("a failed hash frees its thread", async () => {
  const failing = () => Hashing.run(() => Promise.reject(new Error("no memory")));
  for (let tries = 0; tries < 3; tries += 1) await expect(failing()).rejects.toThrow("no memory");
  expect(await Hashing.run(async () => "done")).toBe("done");
});

import { afterEach, expect, test, vi } from "vitest";
import type { Tokens } from "../../../packages/client/src/schemas.ts";
import { Session, storageTokens } from "../../../packages/client/src/session.ts";

afterEach(() => vi.unstubAllGlobals());

const tokens = (name: string): Tokens => ({
  access_token: `access-${name}`,
  refresh_token: `refresh-${name}`,
  token_type: "Bearer",
  expires_in: 900,
});
const REFUSED = new Error("refused");
const isRefused = (error: unknown) => error === REFUSED;

function memoryStorage() {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  };
}
/** Tabs of one origin: each with a memory of its own and the same store. */
function tabs(count: number, first: Tokens | undefined = tokens("1")) {
  const storage = memoryStorage();
  const store = storageTokens(storage);
  void store.write(first);
  const reported: (string | undefined)[] = [];
  const open = () =>
    new Session({
      lockName: "lock of the API",
      tokens: undefined,
      store,
      onTokens: (kept) => reported.push(kept?.refresh_token),
    });
  return { storage, store, reported, all: Array.from({ length: count }, open) };
}
/** A server that accepts each refresh token once. */
function server() {
  const used: string[] = [];
  const refresh = async (token: string) => {
    await Promise.resolve();
    if (used.includes(token)) throw REFUSED;
    used.push(token);
    return tokens(`${used.length + 1}`);
  };
  return { used, refresh };
}

test("tabs without Web Locks adopt the tokens of the tab whose refresh was accepted", async () => {
  vi.stubGlobal("navigator", {});
  const { all, reported } = tabs(2);
  const { used, refresh } = server();
  await Promise.all(all.map((tab) => tab.load()));
  await Promise.all(all.map((tab) => tab.renew(tokens("1"), refresh, isRefused)));
  expect(used).toEqual(["refresh-1"]);
  expect(reported).toEqual(["refresh-2"]);
  expect(all.map((tab) => tab.tokens?.refresh_token)).toEqual(["refresh-2", "refresh-2"]);
});

test("with Web Locks only one tab refreshes, under a lock named after the API's URL, and the other tabs read the store again", async () => {
  const names: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const request = (name: string, work: () => Promise<unknown>) => {
    names.push(name);
    return (last = last.then(work));
  };
  vi.stubGlobal("navigator", { locks: { request } });
  const { all } = tabs(3);
  let asked = 0;
  const { refresh } = server();
  const counted = (token: string) => {
    asked += 1;
    return refresh(token);
  };
  await Promise.all(all.map((tab) => tab.load()));
  await Promise.all(all.map((tab) => tab.renew(tokens("1"), counted, isRefused)));
  expect([asked, names]).toEqual([1, Array(3).fill("lock of the API")]);
  expect(all.map((tab) => tab.tokens?.refresh_token)).toEqual(Array(3).fill("refresh-2"));
});

test("without a shared store no lock is taken, and concurrent calls share one refresh", async () => {
  const request = vi.fn<() => Promise<void>>();
  vi.stubGlobal("navigator", { locks: { request } });
  const session = new Session({ lockName: "l", tokens: tokens("1"), store: undefined, onTokens: undefined });
  const { used, refresh } = server();
  await Promise.all([session.renew(tokens("1"), refresh, isRefused), session.renew(tokens("1"), refresh, isRefused)]);
  await session.renew(tokens("2"), refresh, isRefused);
  expect(used).toEqual(["refresh-1", "refresh-2"]);
  expect(request).not.toHaveBeenCalled();
});

test("a rejected refresh ends the session in memory and in the store; a network failure does not", async () => {
  const { all, storage, reported } = tabs(1);
  const [tab] = all;
  await tab?.load();
  const failing = tab?.renew(tokens("1"), () => Promise.reject(new TypeError("network")), isRefused);
  await expect(failing).rejects.toThrow("network");
  expect(tab?.tokens).toEqual(tokens("1"));
  await expect(tab?.renew(tokens("1"), () => Promise.reject(REFUSED), isRefused)).rejects.toBe(REFUSED);
  expect([tab?.tokens, reported, storage.values.size]).toEqual([undefined, [undefined], 0]);
});

test("the session store is read once, and not at all if tokens were passed", async () => {
  const read = vi.fn<() => Tokens>(() => tokens("stored"));
  const store = { read, write: () => undefined };
  const given = new Session({ lockName: "l", tokens: tokens("given"), store, onTokens: undefined });
  await given.load();
  expect([given.tokens, read.mock.calls.length]).toEqual([tokens("given"), 0]);
  const empty = new Session({ lockName: "l", tokens: undefined, store, onTokens: undefined });
  await Promise.all([empty.load(), empty.load()]);
  expect([empty.tokens, read.mock.calls.length]).toEqual([tokens("stored"), 1]);
  empty.adopt(undefined);
  expect(empty.tokens).toBeUndefined();
});

test.each(["{", "null", "[]", '"text"', '{"access_token":"a"}', '{"access_token":"a","refresh_token":1}'])(
  "stored content %s counts as no session",
  async (text) => {
    const storage = memoryStorage();
    storage.setItem("gotong-royong.tokens", text);
    expect(await storageTokens(storage).read()).toBeUndefined();
  },
);

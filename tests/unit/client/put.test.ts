import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { sendParts } from "../../../packages/client/src/parts.ts";
import { ProblemError } from "../../../packages/client/src/problem.ts";
import { type Put, putFile } from "../../../packages/client/src/put.ts";
import { DEFAULT_RETRY } from "../../../packages/client/src/retry.ts";
import type { UploadProgress } from "../../../packages/client/src/schemas.ts";

afterEach(() => vi.unstubAllGlobals());

const upload = (put: Partial<Put> = {}): Put => ({
  url: "https://storage.example.org/key",
  headers: { "Content-Length": "4", Host: "storage.example.org", "if-none-match": "*" },
  file: new Blob(["file"]),
  onProgress: () => undefined,
  signal: undefined,
  ...put,
});

/** Replaces the page's XMLHttpRequest, and returns its recorded calls. `end` decides how each request ends. */
function browser(end: (page: EventTarget & { upload: EventTarget }) => void, status = 200) {
  const calls: string[] = [];
  class Fake extends EventTarget {
    readonly upload = new EventTarget();
    readonly status = status;
    open(method: string, url: string) {
      calls.push(`${method} ${url}`);
    }
    setRequestHeader(name: string, value: string) {
      calls.push(`${name}: ${value}`);
    }
    send() {
      calls.push("send");
      end(this);
    }
    abort() {
      calls.push("abort");
      this.dispatchEvent(new Event("abort"));
    }
  }
  vi.stubGlobal("XMLHttpRequest", Fake);
  return calls;
}
const load = (page: EventTarget) => page.dispatchEvent(new Event("load"));

test("a browser sends the file without the headers that it sets itself, and reports progress", async () => {
  const parts: number[] = [];
  const calls = browser((page) => {
    page.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: 0, total: 0 }));
    page.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: 1, total: 4 }));
    load(page);
  });
  await putFile(upload({ onProgress: (part) => parts.push(part) }));
  expect(calls).toEqual(["PUT https://storage.example.org/key", "if-none-match: *", "send"]);
  expect(parts).toEqual([0, 0.25, 1]);
});

test.each([200, 299, 412])("an upload to which the storage responds with status %s has succeeded", async (status) => {
  browser(load, status);
  await expect(putFile(upload())).resolves.toBeUndefined();
});

test.each([199, 300, 403, 500])(
  "an upload to which the storage responds with status %s fails with that status",
  async (status) => {
    browser(load, status);
    const failure = putFile(upload());
    await expect(failure).rejects.toBeInstanceOf(ProblemError);
    await expect(failure).rejects.toMatchObject({ status });
  },
);

test("an upload whose network fails throws a TypeError, which is retried", async () => {
  browser((page) => page.dispatchEvent(new Event("error")));
  await expect(putFile(upload())).rejects.toBeInstanceOf(TypeError);
});

test("an upload stops when its signal is aborted, and does not start after that", async () => {
  const stop = new AbortController();
  const calls = browser(() => stop.abort(new Error("the page was left")));
  await expect(putFile(upload({ signal: stop.signal }))).rejects.toThrow("the page was left");
  expect(calls.at(-1)).toBe("abort");
  calls.length = 0;
  await expect(putFile(upload({ signal: stop.signal }))).rejects.toThrow("the page was left");
  expect(calls).not.toContain("send");
});

test("without XMLHttpRequest the file is streamed with its length, and the status decides about success as in a browser", async () => {
  vi.stubGlobal("XMLHttpRequest", undefined);
  const statuses = [200, 412, 403];
  const received: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      received.push(`${request.method} ${request.headers["content-length"]} ${body}`);
      response.writeHead(statuses.shift() ?? 500).end("text");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/key`;
  const parts: number[] = [];
  try {
    const put = upload({ url, headers: {}, onProgress: (part) => parts.push(part) });
    await putFile(put);
    await putFile({ ...put, file: new Blob([]) });
    await expect(putFile(put)).rejects.toMatchObject({ status: 403 });
    await expect(putFile({ ...put, signal: AbortSignal.abort(new Error("left")) })).rejects.toThrow("left");
  } finally {
    server.close();
  }
  expect(received).toEqual(["PUT 4 file", "PUT 0 ", "PUT 4 file"]);
  expect(parts).toEqual([1, 1, 1, 1]);
});

test.each([403, 404])(
  "if the storage responds to a part with %s, the client requests a new URL for this part, and then sends the next part",
  async (status) => {
    const file = new Blob(["abcdef"]);
    const [asked, statuses, stored] = [
      [] as number[],
      [status, 200, 200],
      [] as { part_number: number; size_bytes: number }[],
    ];
    vi.stubGlobal("XMLHttpRequest", undefined);
    vi.stubGlobal("fetch", async () => new Response(null, { status: statuses.shift() ?? 500 }));
    const progress = (): UploadProgress => ({
      upload_id: "u",
      contribution_id: "c",
      size_bytes: 6,
      sha256: "",
      part_size_bytes: 4,
      parts: asked.length === 0 ? [] : stored,
      is_stored: false,
      resumable_until: "",
    });
    const calls = {
      progress: () => Promise.resolve(progress()),
      ask: ({ part_number }: { part_number: number }) => {
        asked.push(part_number);
        stored[part_number - 1] = { part_number, size_bytes: part_number === 1 ? 4 : 2 };
        const part = { part_number, method: "PUT" as const, url: "https://storage.example.org/part", headers: {} };
        return Promise.resolve({ upload_id: "u", parts: [part], expires_at: "" });
      },
    };
    await sendParts(calls, { file, onProgress: () => undefined, retry: DEFAULT_RETRY, signal: undefined });
    expect(asked).toEqual([1, 1, 2]);
  },
);

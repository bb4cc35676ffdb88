import { ProblemError } from "./problem.ts";

export interface Put {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly file: Blob;
  /** Called with the fraction of the file that has been sent, from 0 to 1. */
  readonly onProgress: (part: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** The part of XMLHttpRequest that this module uses; Node has no XMLHttpRequest. */
interface Xhr {
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  send(body: Blob): void;
  abort(): void;
  readonly status: number;
  readonly upload: {
    addEventListener(type: "progress", listener: (event: { loaded: number; total: number }) => void): void;
  };
  addEventListener(type: "load" | "error" | "abort", listener: () => void): void;
}

/**
 * Uploads a file to a presigned URL with progress: with XMLHttpRequest in browsers, whose `fetch` has no upload progress, and
 * with a counting stream in Node. Status 412 means that an earlier attempt succeeded.
 * @throws TypeError if the network fails, ProblemError if the storage rejects the file
 */
export async function putFile(put: Put): Promise<void> {
  const Browser: unknown = Reflect.get(globalThis, "XMLHttpRequest");
  const status = isXhr(Browser) ? await byXhr(new Browser(), put) : await byStream(put);
  if ((status < 200 || status > 299) && status !== 412)
    throw new ProblemError(status, { detail: `The storage answered ${status}.` }, undefined);
  put.onProgress(1);
}

const isXhr = (value: unknown): value is new () => Xhr => typeof value === "function";

function byXhr(xhr: Xhr, { url, headers, file, onProgress, signal }: Put): Promise<number> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted(); // an already aborted signal emits no event
    xhr.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) if (!isForbidden(name)) xhr.setRequestHeader(name, value);
    xhr.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0));
    xhr.addEventListener("load", () => resolve(xhr.status));
    xhr.addEventListener("error", () => reject(new TypeError("The network failed.")));
    xhr.addEventListener("abort", () => reject(signal?.reason ?? new TypeError("The upload was aborted.")));
    signal?.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(file);
  });
}

/** Whether browsers set this header themselves and do not let scripts set it. */
const isForbidden = (name: string) => ["content-length", "host"].includes(name.toLowerCase());

async function byStream({ url, headers, file, onProgress, signal }: Put): Promise<number> {
  let sent = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      sent += chunk.byteLength;
      onProgress(file.size > 0 ? sent / file.size : 1);
    },
  });
  const init = {
    method: "PUT",
    headers: { ...headers, "content-length": String(file.size) },
    body: file.stream().pipeThrough(counter),
    duplex: "half" as const,
    ...(signal ? { signal } : {}),
  };
  const answer = await fetch(url, init);
  await answer.arrayBuffer(); // reads the whole response, so that the connection is reused
  return answer.status;
}

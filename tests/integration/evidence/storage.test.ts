import { once } from "node:events";
import { type IncomingHttpHeaders, type Server, createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Storage, prepareBucket } from "@gotong/core/platform/storage/index.ts";

/**
 * A storage with versions and tags, like S3 and unlike the embedded one: it records its requests and returns configured responses.
 */
let server: Server;
let endpoint = "";
let seen: {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}[] = [];
let answer: { status: number; headers?: Record<string, string>; body?: string } = { status: 200 };

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  Storage.reset();
  Config.use({});
});

function use(capabilities: string): void {
  Config.use({
    S3_BUCKET: "evidence",
    S3_ENDPOINT: endpoint,
    S3_ACCESS_KEY: "AKIAEXAMPLE",
    S3_SECRET_KEY: "secret",
    S3_CAPABILITIES: capabilities,
  });
  Storage.reset();
}
beforeEach(() => {
  seen = [];
  answer = { status: 200 };
  use("versions,tags");
});

test("the metadata of an object includes its version if the storage has versions", async () => {
  answer = { status: 200, headers: { "content-length": "12", "content-type": "image/png", "x-amz-version-id": "v7" } };
  expect(await Storage.head("k")).toEqual({ sizeBytes: 12, contentType: "image/png", versionId: "v7" });
  use("none");
  expect(await Storage.head("k")).toEqual({ sizeBytes: 12, contentType: "image/png", versionId: undefined });
});

test("a request for a missing object returns undefined, and a rejection by the storage throws", async () => {
  answer = { status: 404 };
  expect(await Storage.head("k")).toBeUndefined();
  answer = { status: 403 };
  await expect(Storage.head("k")).rejects.toThrow();
});

test("exactly the given version of an object is read, tagged and presigned", async () => {
  answer = { status: 200, body: "bytes" };
  expect(Buffer.from(await Storage.read("k", "v7")).toString()).toBe("bytes");
  await Storage.tag("k", "v7", { retention_tier: "evidence-7y" });
  expect(seen.map(({ method, url }) => [method, url])).toEqual([
    ["GET", "/evidence/k?versionId=v7&x-id=GetObject"],
    ["PUT", "/evidence/k?tagging=&versionId=v7"],
  ]);
  expect(seen[1]?.body).toContain("<Key>retention_tier</Key><Value>evidence-7y</Value>");
  const url = new URL(await Storage.presignGet("k", "v7", 'a"b\n.jpg', 900));
  expect(url.searchParams.get("versionId")).toBe("v7");
  expect(url.searchParams.get("response-content-disposition")).toBe(
    `attachment; filename="a_b_.jpg"; filename*=UTF-8''a%22b_.jpg`,
  );
});

test("a download keeps the letters of every script in its file name (RFC 6266), with an ASCII name for older programs", async () => {
  const dispositionOf = async (name: string) =>
    new URL(await Storage.presignGet("k", "v7", name, 900)).searchParams.get("response-content-disposition") ?? "";
  expect(await dispositionOf("drain-1.jpg")).toBe('attachment; filename="drain-1.jpg"');
  for (const name of [
    "selokan depan (2).jpg",
    "it's 100% *done*; ok.jpg",
    "ꦒꦺꦴꦠꦺꦴꦁ.jpg",
    "گوتوڠ رويوڠ.heic",
    "می\u200Cخواهم.pdf",
    "ᬕᭀᬢᭀᬂ.mp4",
    "清掃.png",
    "👩‍👩‍👧‍👦.webp",
    "Café.jpg",
  ]) {
    const disposition = await dispositionOf(name);
    const [, plain = "", encoded = ""] =
      /^attachment; filename="([\w.-]+)"; filename\*=UTF-8''([\w!#$&+.^`|~%-]+)$/.exec(disposition) ?? [];
    expect(decodeURIComponent(encoded), disposition).toBe(name);
    expect(plain.split(".").at(-1)).toBe(name.split(".").at(-1));
  }
  // The API rejects these characters now, but file names stored by earlier versions may contain them.
  for (const unsafe of ["\r", "\n", "\u0085", "\u202E", "\u2066", "/", "\\", "\ud800"])
    expect(await dispositionOf(`a${unsafe}b.jpg`)).toMatch(
      /^attachment; filename="a_b.jpg"; filename\*=UTF-8''a(_|%EF%BF%BD)b\.jpg$/,
    );
});

test("if the storage has no versions and tags, the latest object is read and presigned, and no tag is sent", async () => {
  use("none");
  answer = { status: 200, body: "bytes" };
  await Storage.read("k", undefined);
  await Storage.tag("k", undefined, { retention_tier: "evidence-7y" });
  expect(seen.map(({ url }) => url)).toEqual(["/evidence/k?x-id=GetObject"]);
  expect(new URL(await Storage.presignGet("k", undefined, "a.jpg", 900)).searchParams.has("versionId")).toBe(false);
});

test("presigned URLs use the address under which clients reach the storage", async () => {
  Config.use({
    S3_BUCKET: "evidence",
    S3_ENDPOINT: endpoint,
    S3_PUBLIC_ENDPOINT: "http://localhost:3002",
    S3_ACCESS_KEY: "AKIAEXAMPLE",
    S3_SECRET_KEY: "secret",
  });
  Storage.reset();
  const upload = await Storage.presignPut({ key: "k", contentType: "image/png", sizeBytes: 1, sha256: "00" }, 60);
  const download = await Storage.presignGet("k", undefined, "k.png", 60);
  for (const url of [upload.url, download]) expect(url).toMatch(/^http:\/\/localhost:3002\/evidence\/k\?/);
});

test("erasing an object removes all its versions and delete markers, and no other object with the same prefix", async () => {
  const version = (tag: string, key: string, id: string) =>
    `<${tag}><Key>${key}</Key><VersionId>${id}</VersionId></${tag}>`;
  const list = [version("Version", "k", "1"), version("Version", "k", "2"), version("DeleteMarker", "k", "3")];
  answer = {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: `<ListVersionsResult>${list.join("")}${version("Version", "k2", "4")}</ListVersionsResult>`,
  };
  await Storage.erase("k");
  const deleted = seen
    .filter(({ method }) => method === "DELETE")
    .map(({ url }) => url.replace("&x-id=DeleteObject", ""));
  expect(deleted.map((url) => url.replace(/\?(x-id=DeleteObject&)?/, "?"))).toEqual([
    "/evidence/k?versionId=1",
    "/evidence/k?versionId=2",
    "/evidence/k?versionId=3",
  ]);
  seen = [];
  use("none");
  answer = { status: 204 };
  await Storage.erase("k");
  expect(seen.map(({ method }) => method)).toEqual(["DELETE"]);
});

test("a missing bucket is created, with versions if the storage supports them", async () => {
  for (const [capabilities, requests] of [
    ["versions,tags", ["PUT /evidence", "PUT /evidence?versioning"]],
    ["none", ["PUT /evidence"]],
  ] as const) {
    seen = [];
    use(capabilities);
    await prepareBucket();
    const asked = seen.map(
      ({ method, url }) => `${method} ${url.replace("/evidence/", "/evidence").replace("versioning=", "versioning")}`,
    );
    expect(asked).toEqual(requests);
  }
});

test("with S3 Object Lock an original is locked in governance mode for seven years, and a root of proofs in compliance mode", async () => {
  use("versions,tags,lock");
  await Storage.lock("k", "v7");
  await Storage.writeOnce("roots/1.json", "application/json", Buffer.from("{}"));
  const [locked, root] = seen;
  expect([locked?.method, locked?.url]).toEqual(["PUT", "/evidence/k?retention=&versionId=v7"]);
  expect(locked?.body).toContain("<Mode>GOVERNANCE</Mode>");
  const until = Date.parse(/<RetainUntilDate>([^<]+)</.exec(locked?.body ?? "")?.[1] ?? "");
  expect(Math.round((until - Date.now()) / 86_400_000)).toBe(2557);
  expect(root?.headers).toMatchObject({ "x-amz-object-lock-mode": "COMPLIANCE", "if-none-match": "*" });
  answer = { status: 412 }; // an existing root stays unchanged
  await expect(Storage.writeOnce("roots/1.json", "application/json", Buffer.from("{}"))).resolves.toBeUndefined();
  answer = { status: 403 };
  await expect(Storage.writeOnce("roots/1.json", "application/json", Buffer.from("{}"))).rejects.toThrow();
  answer = { status: 200 };
  use("versions,tags");
  seen = [];
  await Storage.lock("k", "v7");
  await Storage.writeOnce("roots/1.json", "application/json", Buffer.from("{}"));
  expect(seen.map(({ headers }) => headers["x-amz-object-lock-mode"])).toEqual([undefined]);
});

test("the erasure of an account also deletes locked object versions, and no other deletion does", async () => {
  const body = `<ListVersionsResult><Version><Key>k</Key><VersionId>v7</VersionId></Version></ListVersionsResult>`;
  for (const [capabilities, alsoLocked, bypass] of [
    ["versions,tags,lock", true, "true"],
    ["versions,tags,lock", false, undefined],
    ["versions,tags", true, undefined],
  ] as const) {
    use(capabilities);
    answer = { status: 200, body };
    seen = [];
    await Storage.erase("k", { alsoLocked });
    const deletion = seen.find(({ method }) => method === "DELETE");
    expect(deletion?.url).toContain("versionId=v7");
    expect(deletion?.headers["x-amz-bypass-governance-retention"]).toBe(bypass);
  }
});

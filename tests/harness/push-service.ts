import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import * as v from "valibot";

/** The double's reaction to a push: a status, no response, or a reset connection. */
export type Answer = number | "hang" | "reset";
interface Received {
  readonly path: string;
  readonly status: Answer;
  /** The decrypted payload; undefined if its device cannot decrypt it. */
  readonly payload: unknown;
  readonly claims: { readonly aud: string; readonly sub: string; readonly exp: number };
  readonly headers: IncomingMessage["headers"];
}

const Claims = v.object({ aud: v.string(), sub: v.string(), exp: v.number() });
const RECORD_HEADER_BYTES = 86;

/** A subscribed browser: its keys, and the decryption of pushes (RFC 8188, RFC 8291), without the library that the platform uses. */
export class Device {
  readonly #curve = createECDH("prime256v1");
  readonly #secret = randomBytes(16);
  readonly path = `/send/${randomBytes(12).toString("base64url")}`;
  readonly subscription: object;

  constructor(host = "fcm.googleapis.com") {
    const p256dh = this.#curve.generateKeys("base64url");
    this.subscription = {
      endpoint: `https://${host}${this.path}`,
      expirationTime: null,
      keys: { p256dh, auth: this.#secret.toString("base64url") },
    };
  }

  /** Decrypts a push. @throws Error when it was not encrypted for this device */
  read(message: Buffer): unknown {
    const salt = message.subarray(0, 16);
    const theirs = message.subarray(21, RECORD_HEADER_BYTES);
    const shared = this.#curve.computeSecret(theirs);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.#curve.getPublicKey(), theirs]);
    const material = Buffer.from(hkdfSync("sha256", shared, this.#secret, info, 32));
    const derived = (purpose: string, bytes: number) =>
      Buffer.from(hkdfSync("sha256", material, salt, Buffer.from(`Content-Encoding: ${purpose}\0`), bytes));
    const sealed = message.subarray(RECORD_HEADER_BYTES);
    const decipher = createDecipheriv("aes-128-gcm", derived("aes128gcm", 16), derived("nonce", 12), {
      authTagLength: 16,
    });
    decipher.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString());
  }
}

/** The claims and the key of a signed request (RFC 8292). @throws Error for a signature by another key */
function claimsOf(authorization: string | undefined): v.InferOutput<typeof Claims> & { readonly key: string } {
  const [, token = "", key = ""] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization ?? "") ?? [];
  const [header = "", body = "", signature = ""] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const publicKey = createPublicKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url"),
    },
  });
  const isSigned = verify(
    "sha256",
    Buffer.from(`${header}.${body}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!isSigned) throw new Error("the signature is not valid");
  return { ...v.parse(Claims, JSON.parse(Buffer.from(body, "base64url").toString())), key };
}

/** Starts a double of a push service on loopback, which checks signatures and answers each device as the test specifies. */
export async function startPushService(publicKey: () => string) {
  const received: Received[] = [];
  const devices = new Map<string, Device>();
  const answers = new Map<string, Answer[]>();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const path = request.url ?? "";
    const { key, ...claims } = claimsOf(request.headers.authorization);
    if (key !== publicKey()) throw new Error("another key than the subscription's");
    const status = answers.get(path)?.shift() ?? 201;
    const payload = devices.get(path)?.read(Buffer.concat(chunks));
    received.push({ path, status, payload, claims, headers: request.headers });
    if (status === "hang") return;
    if (status === "reset") request.socket.destroy();
    else response.writeHead(status, status === 429 ? { "retry-after": "120" } : {}).end();
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(403).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    /** The accepted pushes of a device. */
    acceptedBy: (device: Device) =>
      received.filter(({ path, status }) => path === device.path && typeof status === "number" && status < 300),
    attemptsAt: (device: Device) => received.filter(({ path }) => path === device.path),
    device: (...first: readonly Answer[]): Device => {
      const device = new Device();
      devices.set(device.path, device);
      answers.set(device.path, [...first]);
      return device;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

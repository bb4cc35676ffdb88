import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

// Reads and writes files in the format of age (https://age-encryption.org/v1): chunks of 64 KiB, each authenticated,
// so that a truncated or modified file does not decrypt. The program `age` can read the files as well.

/** Creates a key pair: the secret identity decrypts files that were encrypted for the public recipient. */
export async function keyPair(): Promise<{ readonly identity: string; readonly recipient: string }> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export interface Digest {
  /** SHA-256 of the decrypted bytes, hex. */
  readonly sha256: string;
  readonly bytes: number;
  /** Number of line feeds: the number of rows, in the text format of COPY. */
  readonly lines: number;
}

class Digester {
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #lines = 0;

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.byteLength;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.#lines += 1;
  }
  end(): Digest {
    return { sha256: this.#hash.digest("hex"), bytes: this.#bytes, lines: this.#lines };
  }
}

export function digestOf(bytes: Uint8Array): Digest {
  const digester = new Digester();
  digester.add(bytes);
  return digester.end();
}

/** Returns the digest of a stream, which it reads to the end. */
export async function digestOfStream(source: AsyncIterable<Uint8Array>): Promise<Digest> {
  const digester = new Digester();
  for await (const chunk of source) digester.add(chunk);
  return digester.end();
}

/** Encrypts a stream for a recipient into a new file that only this user can read. */
export async function encryptTo(file: string, recipient: string, source: AsyncIterable<Uint8Array>): Promise<Digest> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const digester = new Digester();
  const plain = (async function* () {
    for await (const chunk of source) {
      digester.add(chunk);
      yield chunk;
    }
  })();
  const encrypted = await encrypter.encrypt(webOf(plain));
  await pipeline(Readable.from(chunksOf(encrypted)), createWriteStream(file, { flags: "wx", mode: 0o600 }));
  return digester.end();
}

/**
 * Decrypts a file in chunks.
 * @throws Error when the file was modified or truncated, or was encrypted for another key; the chunks before that
 * place have been yielded
 */
export async function* decrypted(file: string, identity: string): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  yield* chunksOf(await decrypter.decrypt(webOf(createReadStream(file))));
}

/** Decrypts a whole file that fits into memory. */
export async function decryptedWhole(file: string, identity: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of decrypted(file, identity)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function webOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

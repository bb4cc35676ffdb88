import { once } from "node:events";
import { type Server, type Socket, createServer } from "node:net";

/** The EICAR test file, which every scanner reports. Split into parts, so that no scanner reports this source file. */
export const EICAR = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE", "!$H+H*"].join("");

/** A fault with which the double answers a stream instead of scanning it. */
type Fault = "none" | "closes" | "answers an error" | "refuses the length";

/** A double of clamd's `INSTREAM` on loopback, which finds {@link EICAR} anywhere in a stream. */
export class Clamd {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** The lengths of the received streams. */
  readonly scanned: number[] = [];
  fault: Fault = "none";
  /** A function that runs once, before the next answer. */
  during: (() => Promise<unknown>) | undefined;

  private constructor() {
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      socket.on("close", () => this.#open.delete(socket)).on("error", () => undefined);
      void this.#serve(socket);
    });
  }

  static async start(): Promise<Clamd> {
    const clamd = new Clamd();
    clamd.#server.listen(0, "127.0.0.1");
    await once(clamd.#server, "listening");
    return clamd;
  }

  get url(): string {
    const address = this.#server.address();
    return `tcp://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  }

  stop(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }

  async #serve(socket: Socket): Promise<void> {
    let read = Buffer.alloc(0);
    for await (const chunk of socket) {
      read = Buffer.concat([read, Buffer.from(chunk)]);
      if (this.fault === "closes") return void socket.destroy();
      const stream = streamOf(read);
      if (stream === undefined) continue;
      this.scanned.push(stream.length);
      const { during } = this;
      this.during = undefined;
      await during?.();
      return void socket.end(`${this.#resultOf(stream)}\0`);
    }
  }

  #resultOf(stream: Buffer): string {
    if (this.fault === "answers an error") return "stream: Can't allocate memory ERROR";
    if (this.fault === "refuses the length") return "INSTREAM size limit exceeded. ERROR";
    return stream.includes(EICAR) ? "stream: Eicar-Test-Signature FOUND" : "stream: OK";
  }
}

/** The bytes of a complete stream; undefined before its end. */
function streamOf(read: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = "zINSTREAM\0".length; at + 4 <= read.length;) {
    const length = read.readUInt32BE(at);
    if (length === 0) return Buffer.concat(parts);
    if (at + 4 + length > read.length) return undefined;
    parts.push(read.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}

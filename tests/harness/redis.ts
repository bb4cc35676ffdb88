import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** Whether Redis is installed. If not, the tests that need it are skipped, and a message on standard error reports that. */
export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;
if (!hasRedis) process.stderr.write("There is no redis-server here: the tests that stop and start one are skipped.\n");

/** A Redis server on a fixed port, which tests can kill, freeze and restart. */
export class OwnRedis {
  readonly #dir = mkdtempSync(join(tmpdir(), "gotong-redis-"));
  #port = 0;
  #child: ChildProcess | undefined;

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    const options = ["--port", String(this.#port), "--bind", "127.0.0.1", "--save", "", "--dir", this.#dir];
    this.#child = spawn("redis-server", options, { stdio: "ignore" });
    const probe = new Redis(this.url, { retryStrategy: () => 20 });
    probe.on("error", () => undefined);
    await probe.ping();
    probe.disconnect();
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await sleep(0);
  return typeof address === "object" && address !== null ? address.port : 0;
}

import { type Socket, connect, createServer } from "node:net";
import { once } from "node:events";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { User } from "@gotong/core/domain/user/index.ts";
import { usePlatform } from "../../harness/platform.ts";

// A network failure, or a killed PostgreSQL, may reset a connection at any time. An unhandled rejection would end the
// process; here it would fail the test run.
const platform = usePlatform({ workers: false });
/** Number of chunks from PostgreSQL after which the next connection is reset; never when undefined. */
let resetAfter: number | undefined;
const sockets = new Set<Socket>();
const proxy = createServer((client) => {
  const { hostname, port } = new URL(platform.variables["DATABASE_URL"] ?? "");
  const server = connect(Number(port), hostname);
  const limit = resetAfter;
  resetAfter = undefined;
  let pieces = 0;
  for (const socket of [client, server]) {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => {
      client.destroy();
      server.destroy();
    });
  }
  client.pipe(server);
  server.on("data", (piece) => {
    pieces += 1;
    if (limit !== undefined && pieces > limit) client.resetAndDestroy();
    else client.write(piece);
  });
});

beforeAll(async () => {
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  const url = new URL(platform.variables["DATABASE_URL"] ?? "");
  url.hostname = "127.0.0.1";
  url.port = String(typeof address === "object" && address !== null ? address.port : 0);
  await Db.close();
  Config.use({ ...platform.variables, DATABASE_URL: url.href, DATABASE_POOL_SIZE: "1" });
});
afterEach(() => Db.close());
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
});

/** Runs a statement outside of any transaction. */
const ping = () => Db.use().execute(sql`select 1`);

test("a connection reset after any byte of its first responses fails at most that query, and the next query works", async () => {
  const outcomes: string[] = [];
  for (let pieces = 0; pieces < 8; pieces += 1) {
    resetAfter = pieces;
    const work = pieces % 2 === 0 ? ping() : Db.transaction(() => Db.use().execute(sql`select 1`));
    outcomes.push(
      await work.then(
        () => "done",
        (error: unknown) => (error instanceof Error ? "failed" : "odd"),
      ),
    );
    await ping().catch(() => ping()); // a late reset fails this statement, so it is retried
    await Db.close();
  }
  expect(outcomes).not.toContain("odd");
  expect(outcomes).toContain("failed");
});

test("columns of arrays and array expressions are read as arrays", async () => {
  const member = await platform.person(["verifier"]);
  const admin = await platform.person(["admin"]);
  const ids: unknown[] = [];
  for (const name of ["digging", "singing"]) {
    const made = await admin.post("/v1/skills", { name: `${name} ${member.id}`, category: "work" });
    ids.push(made.json["id"]);
  }
  const changed = await member.send("PATCH", "/v1/me", { skill_ids: ids });
  expect([changed.json["roles"], changed.json["skill_ids"]]).toEqual([["contributor", "verifier"], ids]);
  expect((await User.get(admin.id)).skill_ids).toEqual([]);
  const made = await member.post("/v1/contributions", { contribution_type: "mentoring", title: "t", skill_ids: ids });
  expect(made.json["skill_ids"]).toEqual(ids);
});

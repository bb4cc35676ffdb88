import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type Socket, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket, createSecureContext } from "node:tls";
import { sql } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { causesOf } from "@gotong/core/platform/causes.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { migrate } from "@gotong/core/platform/db/migrate.ts";
import { probe } from "@gotong/core/platform/db/probe.ts";
import { rdsRoots } from "@gotong/core/platform/db/tls.ts";
import { certificate } from "../../harness/certificate.ts";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
const day = 86_400_000;
const from = new Date(Date.now() - day);
const until = new Date(Date.now() + day);
const right = certificate(from, until);
const forged = certificate(from, until);
const expired = certificate(new Date(Date.now() - 2 * day), from);
const folder = mkdtempSync(join(tmpdir(), "gotong-tls-"));
const roots = { right: join(folder, "right.pem"), expired: join(folder, "expired.pem") };

/** `shown` is the certificate that the server presents. `received` counts the decrypted bytes that it gets, which include the password. */
let shown = right;
let received = 0;
const sockets = new Set<Socket>();

// A TLS server in front of PostgreSQL. It speaks TLS as PostgreSQL does: it answers an SSLRequest with `S`.
const server = createServer((client) => {
  sockets.add(client);
  client.on("error", () => undefined);
  client.once("data", () => {
    client.write("S");
    const secure = new TLSSocket(client, { isServer: true, secureContext: createSecureContext(shown) });
    const { hostname, port } = new URL(platform.variables["DATABASE_URL"] ?? "");
    const database = connect(Number(port), hostname);
    sockets.add(database);
    for (const socket of [secure, database]) {
      socket.on("error", () => undefined);
      socket.on("close", () => {
        client.destroy();
        database.destroy();
      });
    }
    secure.on("data", (piece) => {
      received += piece.length;
    });
    secure.pipe(database).pipe(secure);
  });
});

beforeAll(async () => {
  writeFileSync(roots.right, right.cert);
  writeFileSync(roots.expired, expired.cert);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => Db.close());
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

function urlOf(sslmode: string, root: string, host = "127.0.0.1"): string {
  const url = new URL(platform.variables["DATABASE_URL"] ?? "");
  const address = server.address();
  url.hostname = host;
  url.port = String(typeof address === "object" && address !== null ? address.port : 0);
  url.search = `?sslmode=${sslmode}&sslrootcert=${encodeURIComponent(root)}`;
  return url.href;
}

/** Connects in every way in which the platform connects. @returns for each way `answered`, or the error */
async function tryAll(databaseUrl: string): Promise<string[]> {
  await Db.close();
  Config.use({ ...platform.variables, DATABASE_URL: databaseUrl });
  received = 0;
  const nothing = mkdtempSync(join(folder, "migrations-"));
  const ways = [Db.use().execute(sql`select 1`), probe(5000), migrate(databaseUrl, nothing)];
  const results = await Promise.allSettled(ways);
  return results.map((result) => (result.status === "fulfilled" ? "answered" : codeOf(result.reason)));
}

function codeOf(error: unknown): string {
  for (const cause of causesOf(error)) if ("code" in cause) return String(cause.code);
  return String(error);
}
const all = (result: string) => [result, result, result];

test("every kind of connection of the platform to the database accepts a server with the right certificate", async () => {
  shown = right;
  // The folder has no migrations, but the database has all of them. So migrate() connects and then fails: this error
  // proves the connection.
  const [query, probed, migrated] = await tryAll(urlOf("verify-full", roots.right));
  expect([query, probed]).toEqual(["answered", "answered"]);
  expect(migrated).toMatch(/the database has the migration/);
  expect(received).toBeGreaterThan(0);
});

test.each([
  ["signed by another authority", forged, roots.right, "127.0.0.1", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["for another host", right, roots.right, "localhost", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["expired", expired, roots.expired, "127.0.0.1", "CERT_HAS_EXPIRED"],
  ["not signed by a root of RDS", right, "rds", "127.0.0.1", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["not signed by a public authority", right, "system", "127.0.0.1", "DEPTH_ZERO_SELF_SIGNED_CERT"],
])(
  "no data is sent to a database server with a wrong certificate (%s)",
  async (_, certificateShown, root, host, code) => {
    shown = certificateShown;
    expect(await tryAll(urlOf("verify-full", root, host))).toEqual(all(code));
    expect(received).toBe(0);
  },
);

test("rdsRoots() returns the root certificates of the host's region, or of all regions, but never an empty list", async () => {
  const cluster = (region: string) => `tenant.cluster-c0ffee.${region}.rds.amazonaws.com`;
  const [jakarta, virginia, unknown] = await Promise.all(
    [cluster("ap-southeast-3"), cluster("us-east-1"), "writer.internal"].map(rdsRoots),
  );
  expect([jakarta?.length, virginia?.length]).toEqual([3, 3]);
  expect(unknown?.length).toBeGreaterThan(90);
  expect(new Set([...(jakarta ?? []), ...(virginia ?? [])]).size).toBe(6);
});

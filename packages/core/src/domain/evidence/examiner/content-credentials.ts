import { X509Certificate } from "node:crypto";
import { Characters } from "../../../platform/characters.ts";
import type { ContentCredentials } from "./result.ts";

/** The label of a manifest store (C2PA 2.1 §11.1.4): a file that does not contain it has no content credentials. */
const LABEL = "c2pa";
const MAX_CHAIN = 8;
const MAX_CHARACTERS = 200;

/**
 * Matches results about the signer, or about the service that dated the signature, which concern trust. All other results concern
 * integrity.
 */
const OF_TRUST = /^(signingCredential|timeStamp)\./;

/**
 * Reads the content credentials (C2PA) of a JPEG, PNG or HEIC: whether the file is unchanged since it was signed, and whether the
 * signer is trusted. Integrity does not imply trust, since anyone can sign.
 * @param anchors certificates in PEM of authorities whose signers are trusted
 * @returns undefined for a file without content credentials
 */
export async function readContentCredentials(file: Buffer, anchors: string): Promise<ContentCredentials | undefined> {
  if (!file.includes(LABEL)) return undefined;
  const [{ BMFF, JPEG, PNG }, { SuperBox }, { ManifestStore }] = await Promise.all([
    import("@trustnxt/c2pa-ts/asset"),
    import("@trustnxt/c2pa-ts/jumbf"),
    import("@trustnxt/c2pa-ts/manifest"),
  ]);
  const Format = [JPEG, PNG, BMFF].find((format) => format.canRead(file));
  if (Format === undefined) return undefined;
  try {
    const asset = new Format(new Uint8Array(file));
    const bytes = asset.getManifestJUMBF();
    if (bytes === undefined) return undefined;
    const store = ManifestStore.read(SuperBox.fromBuffer(new Uint8Array(bytes)));
    const { statusEntries } = await store.validate(asset);
    const active = store.getActiveManifest();
    const failed: string[] = statusEntries.filter(({ success }) => success !== true).map(({ code }) => code);
    const signature = active?.signature?.signatureData;
    const chain = [signature?.certificate, ...(signature?.chainCertificates ?? [])].flatMap((one) =>
      one ? [new X509Certificate(Buffer.from(one.rawData))] : [],
    );
    const isIntact = active !== undefined && failed.every((code) => OF_TRUST.test(code));
    return {
      integrity: isIntact ? "intact" : "broken",
      trust: trustOf(chain, failed, anchors),
      signer: plain(chain[0] && commonName(chain[0])),
      generator: plain(active?.claim?.claimGeneratorName),
    };
  } catch {
    return { integrity: "broken", trust: "unknown", signer: null, generator: null };
  }
}

function trustOf(
  chain: readonly X509Certificate[],
  failed: readonly string[],
  anchors: string,
): ContentCredentials["trust"] {
  if (failed.includes("signingCredential.expired")) return "expired";
  if (failed.some((code) => OF_TRUST.test(code))) return "unknown";
  return leadsTo(chain, certificatesOf(anchors)) ? "trusted" : "unknown";
}

/**
 * Whether each certificate is issued by the next one in the chain, and the last one is an anchor or is issued by one.
 */
function leadsTo(chain: readonly X509Certificate[], anchors: readonly X509Certificate[]): boolean {
  for (const [index, certificate] of chain.entries()) {
    if (index === MAX_CHAIN) return false;
    if (anchors.some((anchor) => anchor.fingerprint256 === certificate.fingerprint256 || isIssued(certificate, anchor)))
      return true;
    const issuer = chain[index + 1];
    if (issuer === undefined || !isIssued(certificate, issuer)) return false;
  }
  return false;
}

const isIssued = (certificate: X509Certificate, issuer: X509Certificate) =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

const certificatesOf = (pem: string) =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

const commonName = ({ subject }: X509Certificate) => /^CN=(.*)$/m.exec(subject)?.[1];

/** A string from the file, without control characters, cut to the maximum length. */
function plain(value: string | undefined): string | null {
  return Characters.cut((value ?? "").replaceAll(/[\p{C}\p{Z}]+/gu, " ").trim(), MAX_CHARACTERS) || null;
}

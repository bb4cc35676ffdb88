import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

/**
 * Creates a self-signed certificate for 127.0.0.1 in PEM, and its key. Node can read certificates but cannot create them; this covers the part of
 * X.509 that the tests need.
 */
export function certificate(from: Date, until: Date): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(set(sequence(oid("550403"), der(0x0c, Buffer.from(`test ${randomBytes(4).toString("hex")}`)))));
  const spki = publicKey.export({ type: "spki", format: "der" });
  const alternatives = sequence(der(0x87, Buffer.from([127, 0, 0, 1])));
  const isAuthority = sequence(der(0x01, Buffer.from([0xff])));
  const extensions = sequence(
    sequence(oid("551d11"), der(0x04, alternatives)), // subjectAltName
    sequence(oid("551d13"), der(0x01, Buffer.from([0xff])), der(0x04, isAuthority)), // basicConstraints, critical
    sequence(oid("551d0e"), der(0x04, der(0x04, createHash("sha1").update(spki).digest()))), // subjectKeyIdentifier
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))), // version 3 of X.509
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    name,
    sequence(time(from), time(until)),
    name,
    spki,
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]));
  const base64 = sequence(body, ECDSA_SHA256, signature).toString("base64").replaceAll(/.{64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Encodes a DER value: tag, length, contents (X.690). */
function der(tag: number, contents: Buffer): Buffer {
  const { length } = contents;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), contents]);
}
const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]) => der(0x31, Buffer.concat(parts));
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
/** Encodes a UTCTime, which is valid until 2049: `YYMMDDhhmmssZ`. */
const time = (at: Date) => {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return der(0x17, Buffer.from(digits.slice(2)));
};
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));

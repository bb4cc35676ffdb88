import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { JPEG, PNG } from "@trustnxt/c2pa-ts/asset";
import { CoseAlgorithmIdentifier, LocalSigner } from "@trustnxt/c2pa-ts/cose";
import { ActionAssertion, ActionType, DataHashAssertion, ManifestStore } from "@trustnxt/c2pa-ts/manifest";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
const MAIL_PROTECTION = "1.3.6.1.5.5.7.3.4"; // one of the key usages that C2PA allows for a signer
x509.cryptoProvider.set(webcrypto);

export interface Authority {
  readonly pem: string;
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

const keyPair = () => webcrypto.subtle.generateKey(P256, true, ["sign", "verify"]);
const from = (days: number) => new Date(Date.now() + days * DAY_MS);

/** Creates a certificate authority with a self-signed certificate. */
export async function authority(name: string): Promise<Authority> {
  const keys = await keyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: from(-400),
    notAfter: from(400),
    signingAlgorithm: P256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { pem: certificate.toString("pem"), certificate, keys };
}

/** Creates a signer with a certificate of the authority. @param validDays start and end of its validity, in days from now */
export async function signerOf(
  { certificate, keys }: Authority,
  name: string,
  validDays: readonly [number, number] = [-10, 10],
): Promise<LocalSigner> {
  const own = await keyPair();
  const leaf = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: certificate.subject,
    notBefore: from(validDays[0]),
    notAfter: from(validDays[1]),
    signingAlgorithm: P256,
    publicKey: own.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([MAIL_PROTECTION]),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = new Uint8Array(await webcrypto.subtle.exportKey("pkcs8", own.privateKey));
  return new LocalSigner(key, CoseAlgorithmIdentifier.ES256, leaf, [certificate]);
}

/** Adds a manifest to a picture, signed by the signer. */
export async function signed(picture: Uint8Array<ArrayBuffer>, signer: LocalSigner): Promise<Buffer> {
  const Format = JPEG.canRead(picture) ? JPEG : PNG;
  const asset = new Format(picture);
  const store = new ManifestStore();
  const manifest = store.createManifest({
    assetFormat: Format === JPEG ? "image/jpeg" : "image/png",
    instanceID: `xmp:iid:${webcrypto.randomUUID()}`,
    defaultHashAlgorithm: "SHA-256",
    signer,
  });
  const actions = new ActionAssertion();
  actions.actions.push({ action: ActionType.C2paCreated });
  manifest.addAssertion(actions);
  const hash = DataHashAssertion.create("SHA-256");
  manifest.addAssertion(hash);
  await asset.ensureManifestSpace(store.measureSize());
  await hash.updateWithAsset(asset);
  await manifest.sign(signer);
  await asset.writeManifestJUMBF(store.getBytes());
  return Buffer.from(await asset.getDataRange());
}

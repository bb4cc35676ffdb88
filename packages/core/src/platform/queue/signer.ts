import { type KeyObject, createHmac, createSecretKey } from "node:crypto";
import aws4 from "aws4";

let latest: { readonly name: string; readonly key: KeyObject } | undefined;

/**
 * Signs requests like `aws4`, but keeps the signing key of the day as a key object. From the bytes that `aws4` keeps, Node creates a key object for each
 * signature, which took half of the time of a signature.
 */
class Signer extends aws4.RequestSigner {
  override signature(): string {
    const { secretAccessKey = "" } = this.credentials;
    const name = [secretAccessKey, this.getDate(), this.region, this.service].join("\n");
    if (latest?.name !== name) latest = { name, key: createSecretKey(signingKey(secretAccessKey, this)) };
    return createHmac("sha256", latest.key).update(this.stringToSign()).digest("hex");
  }
}

/** The key that signs all requests of one day (docs.aws.amazon.com, "Create a signed AWS API request"). */
function signingKey(secret: string, signer: aws4.RequestSigner): Buffer {
  return [signer.getDate(), signer.region, signer.service, "aws4_request"].reduce(
    (key, text) => createHmac("sha256", key).update(text).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}

/** Signs a request: adds the headers of its signature. */
export const sign = (request: aws4.Request, credentials: aws4.Credentials): aws4.Request =>
  new Signer(request, credentials).sign();

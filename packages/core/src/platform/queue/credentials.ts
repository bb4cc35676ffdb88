import type aws4 from "aws4";
import { Config } from "../config.ts";
import { lazy } from "../lazy.ts";

const provider = lazy(() =>
  import("@aws-sdk/credential-provider-node").then(({ defaultProvider }) => defaultProvider()),
);

/**
 * The credentials for calls of SQS: those configured for an emulator; those of the environment, which every function
 * has; or those of the pod or host, which the provider of the AWS SDK finds and renews. A function does not load that
 * provider of 150 KB (docs/adr/0047).
 */
export function credentialsOf(): () => Promise<aws4.Credentials> {
  const settings = Config.section("queue");
  const { SQS_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY } = settings;
  if (SQS_ENDPOINT && S3_ACCESS_KEY && S3_SECRET_KEY)
    return always({ accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY });
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE } = settings;
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY && !AWS_PROFILE)
    return always({
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    });
  return async () => (await provider())();
}

function always(credentials: aws4.Credentials): () => Promise<aws4.Credentials> {
  const known = Promise.resolve(credentials);
  return () => known;
}

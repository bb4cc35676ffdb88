// SST's own links grant s3:* and sqs:*. Our links contain addresses and credentials but no permissions: each function
// gets exact actions where it is declared. The property names that core/src/platform/config/links.ts reads are those
// of SST's components.
sst.Linkable.wrap(sst.aws.Redis, ({ host, port, username, password }) => ({
  properties: { host, port, username, password },
}));
sst.Linkable.wrap(sst.aws.Bucket, ({ name }) => ({ properties: { name } }));
sst.Linkable.wrap(sst.aws.Queue, ({ url }) => ({ properties: { url } }));

export {};

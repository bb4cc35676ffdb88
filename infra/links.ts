// SST's own links grant s3:* and sqs:*. Ours hand over addresses and credentials and no permission: each function
// is granted its exact actions where it is declared. The names that core/src/platform/config/links.ts reads are those of the components.
sst.Linkable.wrap(sst.aws.Redis, ({ host, port, username, password }) => ({
  properties: { host, port, username, password },
}));
sst.Linkable.wrap(sst.aws.Bucket, ({ name }) => ({ properties: { name } }));
sst.Linkable.wrap(sst.aws.Queue, ({ url }) => ({ properties: { url } }));

export {};

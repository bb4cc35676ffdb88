import { IMMUTABLE_FOLDER, cacheControlOf, contentTypeOf } from "../packages/api/src/http/app-hosting.ts";
import { APP_PREFIX } from "./app-edge.ts";
import { FILES } from "./app-files.ts";
import { router } from "./cdn.ts";
import { deployment } from "./stage.ts";
import { appBucket, evidenceBucket } from "./storage.ts";

router.routeBucket(APP_PREFIX, appBucket, { rewrite: { regex: `^${APP_PREFIX}/`, to: "/" } });

const isAsset = (path: string) => path.startsWith(IMMUTABLE_FOLDER);

function upload({ path, source }: (typeof FILES)[number], dependsOn: $util.Resource[]) {
  return new aws.s3.BucketObjectv2(
    `App${path}`,
    {
      bucket: appBucket.name,
      key: path.slice(1),
      source: new $util.asset.FileAsset(source),
      contentType: contentTypeOf(path),
      cacheControl: cacheControlOf(path),
    },
    // Keeps the scripts of former builds, since a page that was opened before a deployment still loads them.
    { dependsOn, retainOnDelete: isAsset(path) },
  );
}

// Uploads the scripts before the page that refers to them.
const assets = FILES.filter(({ path }) => isAsset(path)).map((file) => upload(file, []));
for (const file of FILES) if (!isAsset(file.path)) upload(file, assets);

// Allows the app's origin to upload evidence to the bucket.
new aws.s3.BucketCorsConfiguration("EvidenceCors", {
  bucket: evidenceBucket.name,
  corsRules: [
    {
      allowedOrigins: [router.url, ...deployment.uploadOrigins],
      allowedMethods: ["PUT", "GET"],
      allowedHeaders: ["content-type", "x-amz-checksum-sha256", "if-none-match"],
      maxAgeSeconds: 3600,
    },
  ],
});

import { CREDENTIALS, queueVariables } from "../aws.ts";
import { dotEnv } from "../paths.ts";
import { type Sources, observe } from "./observer.ts";

// `npm run observe` serves live charts of the stack of `npm run dev`, or of the processes at WORKERS_URL and API_URL,
// until Ctrl-C.
const env = { ...dotEnv(), ...process.env };
const endpoint = env["SQS_ENDPOINT"] || `http://127.0.0.1:${env["AWS_PORT"] || 3002}`;
const workers = env["WORKERS_URL"] || undefined;
const sources: Sources = {
  processes: [
    { name: "API", url: env["API_URL"] || `http://127.0.0.1:${env["PORT"] || 3000}` },
    ...(workers === undefined ? [] : [{ name: "Workers", url: workers }]),
  ],
  queues: {
    endpoint,
    urls: { ...queueVariables(endpoint), ...withQueueUrls(env) },
    accessKeyId: env["S3_ACCESS_KEY"] || CREDENTIALS.accessKey,
    secretAccessKey: env["S3_SECRET_KEY"] || CREDENTIALS.secretKey,
  },
};

function withQueueUrls(variables: NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (name.endsWith("_QUEUE_URL") && value ? [[name, value]] : [])),
  );
}

try {
  const observer = await observe(sources, Number(env["OBSERVE_PORT"] || 3004));
  process.stdout.write(`Live charts: ${observer.url}  (Ctrl-C stops)\n`);
  await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, resolve);
  });
  await observer.stop();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

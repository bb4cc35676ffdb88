import { startAws } from "@gotong/local/aws.ts";

// node queue.ts <port> <directory> <visibility in seconds>: runs the queue emulator in its own process, with its messages on disk.
const [, , port, queueDir = "", visibilitySeconds] = process.argv;
const aws = await startAws({ port: Number(port), queueDir, visibilitySeconds: Number(visibilitySeconds) });
process.once("SIGTERM", () => void aws.stop());

export { type Incoming, type Outgoing, Queue, type Transport } from "./queue.ts";
export {
  QUEUES,
  type QueueName,
  URL_VARIABLES,
  type WorkQueue,
  deadLetterQueueOf,
  factsOf,
  isFifo,
  receivedAtOnce,
  visibilityTimeoutSeconds,
} from "./queues.ts";

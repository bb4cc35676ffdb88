export { type Incoming, type Outgoing, Queue, type Transport } from "./queue.ts";
export {
  QUEUES,
  type QueueName,
  URL_VARIABLES,
  type WorkQueue,
  deadLetterQueueOf,
  factsOf,
  isFifo,
  visibilityTimeoutSeconds,
} from "./queues.ts";

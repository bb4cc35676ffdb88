export * as PushDelivery from "./deliver.ts";
export { pushKeys } from "./keys.ts";
export { type Push, PushMessage, openPush, sealPush } from "./message.ts";
export { retryDelaySeconds } from "./outcome.ts";
export { isPushService } from "./services.ts";

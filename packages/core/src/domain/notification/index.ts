export { shown } from "./shown.ts";
export { NotificationInput } from "./input.ts";

export { Block } from "./block.ts";
export { refuseBlocked } from "./refuse.ts";

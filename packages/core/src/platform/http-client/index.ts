export { Http, type HttpResponse } from "./client.ts";
export { sendOverNetwork } from "./network.ts";
export { markovUrl } from "./markov-url.ts";

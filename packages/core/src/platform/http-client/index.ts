export { Http, type HttpResponse, markovUrl } from "./client.ts";
export { sendOverNetwork } from "./network.ts";

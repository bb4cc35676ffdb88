export { Http, type HttpResponse } from "./client.ts";
export { markovUrl } from "./markov-url.ts";

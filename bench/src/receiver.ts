// Receives events in place of Markov, at the same cost for all senders.
import { createServer } from "node:http";

createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(202, { "content-type": "application/json" }).end("{}"));
}).listen(Number(process.env["PORT"]), "127.0.0.1");

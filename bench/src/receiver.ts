// Receives events in place of Markov. Every compared sender uses this receiver, so it costs all of them the same.
import { createServer } from "node:http";

createServer((request, response) => {
  request.resume();
  request.on("end", () => response.writeHead(202, { "content-type": "application/json" }).end("{}"));
}).listen(Number(process.env["PORT"]), "127.0.0.1");

import type { IncomingMessage, ServerResponse } from "node:http";

const MAX_XML_BYTES = 10_000;
const NO_TAGS = '<?xml version="1.0" encoding="UTF-8"?>\n<Tagging><TagSet></TagSet></Tagging>';

/** Stores tags of objects, which the emulator lacks: for each path the XML of the last PUT. Tags are in memory. */
export class ObjectTags {
  readonly #xml = new Map<string, string>();

  /** Responds to a request for the sub-resource `tagging`: GET, PUT or DELETE. */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    if (request.method === "PUT") {
      let xml = "";
      for await (const chunk of request.setEncoding("utf8")) xml += String(chunk);
      if (xml.length > MAX_XML_BYTES) return void response.writeHead(400).end();
      this.#xml.set(path, xml);
      return void response.writeHead(200).end();
    }
    if (request.method === "DELETE") {
      this.#xml.delete(path);
      return void response.writeHead(204).end();
    }
    response.writeHead(200, { "content-type": "application/xml" }).end(this.#xml.get(path) ?? NO_TAGS);
  }

  /** Drops the tags of an object that is replaced or deleted. */
  forget(method: string | undefined, path: string): void {
    if (method === "PUT" || method === "DELETE") this.#xml.delete(path);
  }
}

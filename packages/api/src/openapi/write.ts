// `npm run openapi`: writes the committed OpenAPI document, which the API serves and from which the client is generated. With `-- --release` it also
// records the document's contract in openapi.released.txt, which later documents must not break.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildDocument } from "./build.ts";
import { shapeOf } from "./shape.ts";

const PACKAGE = join(import.meta.dirname, "..", "..");
const document = await buildDocument();
const text = `${JSON.stringify(document, null, 1)}\n`;
writeFileSync(join(PACKAGE, "openapi.json"), text);
process.stdout.write(`packages/api/openapi.json: ${text.length} bytes\n`);
if (process.argv.includes("--release")) {
  const lines = shapeOf(document);
  writeFileSync(join(PACKAGE, "openapi.released.txt"), `${lines.join("\n")}\n`);
  process.stdout.write(`packages/api/openapi.released.txt: ${lines.length} lines\n`);
}

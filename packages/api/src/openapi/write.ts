// `npm run openapi`: writes the OpenAPI document that is committed, served and drawn into the client.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildDocument } from "./build.ts";

const file = join(import.meta.dirname, "..", "..", "openapi.json");
const text = `${JSON.stringify(await buildDocument(), null, 1)}\n`;
writeFileSync(file, text);
process.stdout.write(`${file}: ${text.length} bytes\n`);

// `npm run infra -- grafana`: the dashboard as the file that Grafana imports.
import { writeFileSync } from "node:fs";
import { dashboard } from "./dashboard.ts";

writeFileSync(new URL("overview.json", import.meta.url), `${JSON.stringify(dashboard, null, 2)}\n`);

// `npm run infra -- grafana` writes the dashboards to the files that Grafana imports.
import { writeFileSync } from "node:fs";
import { DASHBOARDS } from "./dashboard.ts";

for (const [name, dashboard] of Object.entries(DASHBOARDS))
  writeFileSync(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(dashboard, null, 2)}\n`);

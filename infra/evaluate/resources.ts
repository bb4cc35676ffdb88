import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./evaluations.ts";
import { evaluate } from "./evaluate.ts";
import { ensurePlatform } from "./platform.ts";
import { BASE_VARIANTS } from "./variants.ts";

// node resources.ts <stage> prints the resources of a stage as JSON, with the GOTONG_… settings of the environment.
// `gotong cost` runs it.
const [stage = ""] = process.argv.slice(2);
try {
  const settings = Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith("GOTONG_") && value !== undefined ? [[name, value] as const] : [],
  );
  // Adds the settings without which a stage of this kind cannot be evaluated, such as the bastion of `dev`.
  const needed = BASE_VARIANTS.find((variant) => variant.stage === stage)?.variables ?? {};
  if (!existsSync(join(ROOT, ".sst", "platform"))) process.stderr.write("The first evaluation prepares .sst …\n");
  await ensurePlatform(ROOT);
  const variant = { id: stage, stage, variables: { ...needed, ...Object.fromEntries(settings) }, isDev: false };
  const { resources } = await evaluate(ROOT, variant);
  process.stdout.write(JSON.stringify(resources.map(({ type, name, inputs }) => ({ type, name, inputs }))));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

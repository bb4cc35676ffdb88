import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Plugin, build } from "esbuild";

/** The values of the app that SST passes to a configuration. */
export interface App {
  readonly name: string;
  readonly stage: string;
  readonly removal: string;
  readonly protect: boolean;
  readonly providers: unknown;
  readonly home: string;
}

/**
 * Bundles a configuration like SST's own command line: packages stay external; `$app`, `$cli` and `$dev` are
 * constants.
 */
export async function bundleConfig(
  root: string,
  app: App,
  isDev: boolean,
  work: string,
  outfile: string,
): Promise<void> {
  const platform = join(root, ".sst", "platform");
  const cli = {
    command: isDev ? "dev" : "deploy",
    dev: isDev,
    paths: { home: work, root, work: join(work, "sst"), platform },
    state: { version: {} },
  };
  await build({
    stdin: {
      contents: [
        `import { run } from ${JSON.stringify(join(platform, "src/auto/run.ts"))};`,
        `import config from ${JSON.stringify(join(root, "sst.config.ts"))};`,
        `export default () => run(config.run);`,
      ].join("\n"),
      resolveDir: root,
      sourcefile: "evaluate.ts",
      loader: "ts",
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    mainFields: ["module", "main"],
    target: "esnext",
    logLevel: "error",
    sourcemap: "inline",
    inject: [join(platform, "src/shim/run.js")],
    plugins: [globals(platform)],
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: String(isDev) },
    banner: {
      js: [
        `import { createRequire as topLevelCreateRequire } from "node:module";`,
        `import { fileURLToPath as topLevelFileUrlToPath } from "node:url";`,
        `const require = topLevelCreateRequire(import.meta.url);`,
        `const __filename = topLevelFileUrlToPath(import.meta.url);`,
        `const __dirname = topLevelFileUrlToPath(new URL(".", import.meta.url));`,
      ].join("\n"),
    },
  });
}

/**
 * Defines the globals `sst`, `aws`, `kubernetes` and `random` in our configuration files, but not in SST's own files
 * (`.sst`), which import what they need.
 */
function globals(platform: string): Plugin {
  const imports = [
    `import * as sst from ${JSON.stringify(join(platform, "src/components/index.ts"))};`,
    ...["aws", "kubernetes", "random"].map((name) => `import * as ${name} from "@pulumi/${name}";`),
  ].join(" ");
  return {
    name: "globals",
    setup(bundle) {
      bundle.onLoad({ filter: /(sst\.config|[\\/]infra[\\/].*)\.ts$/ }, async ({ path }) =>
        path.includes(".sst") ? undefined : { contents: `${imports} ${await readFile(path, "utf8")}`, loader: "ts" },
      );
    },
  };
}

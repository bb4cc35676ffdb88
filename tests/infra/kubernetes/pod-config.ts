// eks.test.ts runs this program with the environment of a pod. It prints the settings that the process would use, or
// the problems of the settings.
import { SECTIONS as API } from "@gotong/api/sections.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { SECTIONS as WORKERS } from "@gotong/workers/sections.ts";

const sections = process.argv[2] === "api" ? API : [...new Set(Object.values(WORKERS).flat())];
Config.check(sections);
process.stdout.write(JSON.stringify(Object.assign({}, ...sections.map((name) => Config.section(name)))));

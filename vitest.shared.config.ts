import base from "./vitest.config.ts";
const t = (base as any).test;
for (const p of t.projects) {
  p.test.isolate = false;
  p.test.setupFiles = ["/tmp/twelve/cpu.mjs"];
}
export default { ...base };

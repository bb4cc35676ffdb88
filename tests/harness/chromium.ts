import { existsSync } from "node:fs";

/** Path of Chromium on this machine: `CHROMIUM_PATH` or Debian's path; undefined if there is none. */
export const chromiumPath: string | undefined = [process.env["CHROMIUM_PATH"], "/usr/bin/chromium"].find(
  (path) => path !== undefined && existsSync(path),
);
if (chromiumPath === undefined)
  process.stderr.write("There is no Chromium here (CHROMIUM_PATH): the tests that need a browser are skipped.\n");

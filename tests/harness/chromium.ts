import { existsSync } from "node:fs";

/** The path of Chromium on this host: `CHROMIUM_PATH` or Debian's path; undefined if it is not installed. */
export const chromiumPath: string | undefined = [process.env["CHROMIUM_PATH"], "/usr/bin/chromium"].find(
  (path) => path !== undefined && existsSync(path),
);
if (chromiumPath === undefined)
  process.stderr.write("There is no Chromium here (CHROMIUM_PATH): the tests that need a browser are skipped.\n");

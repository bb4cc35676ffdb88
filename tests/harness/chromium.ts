import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const firstOf = (...paths: readonly (string | undefined)[]) =>
  paths.find((path) => path !== undefined && existsSync(path));

/** The path of Chromium with its user interface, which displays notifications; undefined if it is not installed. */
export const desktopChromiumPath: string | undefined = firstOf(process.env["CHROMIUM_PATH"], "/usr/bin/chromium");
/**
 * The path of Chromium for tests: `CHROMIUM_PATH`, or Debian's Chromium without a user interface, which takes half of the
 * CPU time (58 instead of 108 s for odd-uses.test.ts), or with one; undefined if none is installed.
 */
export const chromiumPath: string | undefined =
  firstOf(process.env["CHROMIUM_PATH"], "/usr/bin/chromium-headless-shell") ?? desktopChromiumPath;
if (chromiumPath === undefined)
  process.stderr.write("There is no Chromium here (CHROMIUM_PATH): the tests that need a browser are skipped.\n");

/** Starts Chromium. Its sandbox does not work as root, nor in most containers; the browser shows only our own pages. */
export const launch = (path = chromiumPath) => chromium.launch({ executablePath: path ?? "", chromiumSandbox: false });

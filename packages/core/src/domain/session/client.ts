import { networksOf } from "../../platform/network.ts";

/** The origin of a request, as seen by the server in front of the routes. */
export interface Client {
  /** An IPv4 address, or the /64 network of an IPv6 address. */
  readonly address: string;
  /** The header `User-Agent`; empty when there is none. */
  readonly userAgent: string;
}

/** What a member sees of a login in a list: enough to recognise it, too little to track a person. */
export interface Description {
  /** Such as `Firefox on Android`; null when neither is known. */
  readonly device: string | null;
  /** An IPv4 /24 or an IPv6 /48; null when the address is not known. */
  readonly network: string | null;
}

/** The first match counts: browsers also name the browsers that they want to be mistaken for. */
const BROWSERS: readonly (readonly [name: string, sign: RegExp])[] = [
  ["Edge", /\bEdg(A|iOS)?\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chrome", /\b(Chrome|CriOS)\//],
  ["Safari", /\bSafari\//],
];
const SYSTEMS: readonly (readonly [name: string, sign: RegExp])[] = [
  ["Android", /\bAndroid\b/],
  ["iOS", /\b(iPhone|iPad|iPod)\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMacintosh\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["Linux", /\bLinux\b/],
];
/** The part of the header that is searched: any client can send any length. */
const LOOKED_AT = 500;

/** Kind of browser and system, and a network shared by many. Versions, models and full addresses are not stored. */
export function describe({ address, userAgent }: Client): Description {
  const head = userAgent.slice(0, LOOKED_AT);
  const nameIn = (list: typeof BROWSERS) => list.find(([, sign]) => sign.test(head))?.[0];
  const [browser, system] = [nameIn(BROWSERS), nameIn(SYSTEMS)];
  const device = browser && system ? `${browser} on ${system}` : (browser ?? system ?? null);
  return { device, network: coarse(address) };
}

function coarse(address: string): string | null {
  const v4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address)?.[1];
  return v4 === undefined ? (networksOf(address)[2] ?? null) : `${v4}.0/24`;
}

import { networksOf } from "../../platform/network.ts";

/** The origin of a request, as seen by the server in front of the routes. */
export interface Client {
  /** An IPv4 address, or the /64 network of an IPv6 address. */
  readonly address: string;
  /** The header `User-Agent`; empty when there is none. */
  readonly userAgent: string;
}

/**
 * The description of a login in the member's list of sessions: enough to recognise it, too little to track a person.
 */
export interface Description {
  /** For example `Firefox on Android`; null when neither browser nor system is known. */
  readonly device: string | null;
  /** An IPv4 /24 or an IPv6 /48; null when the address is not known. */
  readonly network: string | null;
}

/** The first match counts, since a header also contains the names of browsers that its browser imitates. */
const BROWSERS: readonly (readonly [name: string, sign: RegExp])[] = [
  ["Edge", /\bEdg(A|iOS)?\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chrome", /(Chrome|Chromium|CriOS)\//],
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
/** Number of characters of the header that are searched, since a client can send a header of any length. */
const LOOKED_AT = 500;

/**
 * Describes a client by browser, system and a network that many people share. Versions, models and full addresses are
 * not stored.
 */
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

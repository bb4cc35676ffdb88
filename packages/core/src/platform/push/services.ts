import { Config } from "../config.ts";

/**
 * Whether pushes may go to an address that a member's browser gave: over TLS, on the usual port, to a listed push service and nowhere else, so
 * that no member makes the platform call a host of their choice.
 * @param services hosts, or `*.` and a domain for any host below it; `PUSH_SERVICES` unless given
 */
export function isPushService(endpoint: string, services = Config.section("mail").PUSH_SERVICES): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname, port, username, password } = new URL(endpoint);
  if (protocol !== "https:" || port !== "" || username !== "" || password !== "") return false;
  return services.some((service) =>
    service.startsWith("*.") ? hostname.endsWith(service.replace("*", "")) : hostname === service,
  );
}

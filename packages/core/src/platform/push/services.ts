import { Config } from "../config.ts";

/**
 * Whether pushes may be sent to a URL that a member's browser provided: only over TLS, on the default port, to a listed push service, so that
 * no member can make the platform call a host of their choice.
 * @param services hosts, or `*.` and a domain for any subdomain; `PUSH_SERVICES` by default
 */
export function isPushService(endpoint: string, services = Config.section("mail").PUSH_SERVICES): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname, port, username, password } = new URL(endpoint);
  if (protocol !== "https:" || port !== "" || username !== "" || password !== "") return false;
  return services.some((service) =>
    service.startsWith("*.") ? hostname.endsWith(service.replace("*", "")) : hostname === service,
  );
}

import { Config } from "@gotong/core/platform/config.ts";

/**
 * The header that carries access tokens. CloudFront signs its requests to the function in `Authorization` and forwards the
 * client's own value in another header. Without a setting that names it, that header is not trusted: any client could set it.
 */
export const authorizationHeader = (): string => Config.section("http").AUTHORIZATION_HEADER ?? "authorization";

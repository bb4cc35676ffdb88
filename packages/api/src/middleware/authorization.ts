import { Config } from "@gotong/core/platform/config.ts";

/**
 * The header that contains the access token. CloudFront signs its requests to the function in `Authorization` and forwards the client's own value in
 * another header. That other header is trusted only if a setting names it, since otherwise any client could set it.
 */
export const authorizationHeader = (): string => Config.section("http").AUTHORIZATION_HEADER ?? "authorization";

import { Config } from "@gotong/core/platform/config.ts";

/**
 * The header that carries access tokens. CloudFront signs its calls to the function in `Authorization` and hands on the caller's
 * own as another one; where no setting names that one, anybody could have written it, and it is not looked at.
 */
export const authorizationHeader = (): string => Config.section("http").AUTHORIZATION_HEADER ?? "authorization";

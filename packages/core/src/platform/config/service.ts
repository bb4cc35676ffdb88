import * as v from "valibot";
import { headerName, oneLine, stageName, wholeNumber } from "./values.ts";

export const service = v.object({
  STAGE: v.optional(stageName, "dev"),
  VERSION: v.optional(oneLine, "0.0.0-dev"),
  HOST: v.optional(oneLine, "0.0.0.0"),
  PORT: v.optional(wholeNumber(0, 65_535), "3000"),
  /** The port for health checks and Prometheus of long-running workers. */
  WORKERS_PORT: v.optional(wholeNumber(0, 65_535), "9464"),
});

export const http = v.object({
  /**
   * The only header trusted for the client address, where a trusted proxy sets it; unset means the peer of the
   * connection.
   */
  CLIENT_ADDRESS_HEADER: v.optional(headerName),
  /** The only header read for the access token, where a trusted proxy uses `Authorization` itself. */
  AUTHORIZATION_HEADER: v.optional(headerName),
  /** Origins whose pages may call the API from a browser. */
  CORS_ORIGINS: v.pipe(
    v.optional(v.string(), ""),
    v.transform((value) => (value === "" ? [] : value.split(",").map((origin) => origin.trim()))),
    v.array(
      v.pipe(
        v.string(),
        v.check(
          (value) => URL.canParse(value) && new URL(value).origin === value,
          "must be a list of origins such as https://app.example.org, separated by commas",
        ),
      ),
    ),
  ),
  /** The directory of the built app, which is served to browsers; unset: only the API is served. */
  APP_DIR: v.optional(oneLine),
  /** Time limits for receiving the headers of a request, and the whole request. */
  HTTP_HEADERS_SECONDS: v.optional(wholeNumber(1, 120), "10"),
  HTTP_REQUEST_SECONDS: v.optional(wholeNumber(1, 600), "30"),
  /** From the headers of a request to the last byte of its response, which a client may read slowly: 1 MB at 70 kbit/s. */
  HTTP_RESPONSE_SECONDS: v.optional(wholeNumber(1, 3600), "120"),
  /** Bodies of more than 64 KiB that one process receives or works on at a time; one client address may use a quarter. */
  HTTP_LARGE_BODIES_MIB: v.optional(wholeNumber(4, 10_000), "64"),
  /**
   * Longer than the 60 s for which AWS load balancers keep idle connections: the load balancer must be the side that
   * closes.
   */
  HTTP_KEEP_ALIVE_SECONDS: v.optional(wholeNumber(1, 600), "65"),
  /**
   * Limits of connections for one process, in all and of one client address; the latter does not apply behind a
   * proxy.
   */
  HTTP_CONNECTIONS: v.optional(wholeNumber(10, 100_000), "1000"),
  HTTP_CONNECTIONS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000), "200"),
  RATE_LIMIT_PER_MINUTE: v.optional(wholeNumber(1, 100_000_000), "100"),
  RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000_000), "2000"),
  /** Stored answers of one member or address above which those that may be repeated are stored no more, such as refusals. */
  IDEMPOTENCY_RECORDS: v.optional(wholeNumber(1, 1_000_000), "1000"),
  UPLOAD_LIMIT_PER_HOUR: v.optional(wholeNumber(1, 100_000_000), "10"),
  /**
   * Requests of one client address that one process works on at a time; by default a quarter of `DATABASE_POOL_SIZE`,
   * at least two.
   */
  REQUESTS_AT_ONCE_PER_ADDRESS: v.optional(wholeNumber(1, 10_000)),
});

import * as v from "valibot";
import { headerName, oneLine, stageName, wholeNumber } from "./values.ts";

export const service = v.object({
  STAGE: v.optional(stageName, "dev"),
  VERSION: v.optional(oneLine, "0.0.0-dev"),
  HOST: v.optional(oneLine, "0.0.0.0"),
  PORT: v.optional(wholeNumber(0, 65_535), "3000"),
  /** Port at which long-running workers serve health checks and metrics for Prometheus. */
  WORKERS_PORT: v.optional(wholeNumber(0, 65_535), "9464"),
});

export const http = v.object({
  /**
   * The only header trusted for the client address, if a trusted proxy sets it. If it is not set, the address of the connection's peer is used.
   */
  CLIENT_ADDRESS_HEADER: v.optional(headerName),
  /** The only header from which the access token is read, for a trusted proxy that uses `Authorization` itself. */
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
  /** The directory of the built web app, which is served to browsers. If it is not set, only the API is served. */
  APP_DIR: v.optional(oneLine),
  /** Time limits for receiving the headers of a request and the whole request. */
  HTTP_HEADERS_SECONDS: v.optional(wholeNumber(1, 120), "10"),
  HTTP_REQUEST_SECONDS: v.optional(wholeNumber(1, 600), "30"),
  /** Time limit from the headers of a request to the last byte of its response. Allows 1 MB at 70 kbit/s for slow clients. */
  HTTP_RESPONSE_SECONDS: v.optional(wholeNumber(1, 3600), "120"),
  /** Upper limit of bodies over 64 KiB that one process receives or processes at a time, in MiB; one client address may use a quarter. */
  HTTP_LARGE_BODIES_MIB: v.optional(wholeNumber(4, 10_000), "64"),
  /**
   * Time after which the server closes idle connections. Longer than the 60 s of AWS load balancers, since the load balancer must be the side
   * that closes.
   */
  HTTP_KEEP_ALIVE_SECONDS: v.optional(wholeNumber(1, 600), "65"),
  /**
   * Upper limits of connections to one process, in total and per client address. The second limit does not apply behind a proxy.
   */
  HTTP_CONNECTIONS: v.optional(wholeNumber(10, 100_000), "1000"),
  HTTP_CONNECTIONS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000), "200"),
  RATE_LIMIT_PER_MINUTE: v.optional(wholeNumber(1, 100_000_000), "100"),
  RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000_000), "2000"),
  /**
   * Number of responses that are stored for the idempotency keys of one member or client address. Above it, a response
   * is stored only if its request changed something: a repeated request without effect, such as a refused one, does
   * no harm.
   */
  IDEMPOTENCY_RECORDS: v.optional(wholeNumber(1, 1_000_000), "1000"),
  UPLOAD_LIMIT_PER_HOUR: v.optional(wholeNumber(1, 100_000_000), "10"),
  /**
   * Upper limit of requests from one client address that one process handles at a time. By default a quarter of `DATABASE_POOL_SIZE`, but at
   * least two.
   */
  REQUESTS_AT_ONCE_PER_ADDRESS: v.optional(wholeNumber(1, 10_000)),
});

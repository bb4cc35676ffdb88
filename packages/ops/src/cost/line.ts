import { type PriceName, PRICES } from "./prices.ts";

/** A resource as the evaluation of a stage gives it; more fields do no harm. */
export interface Resource {
  /** Pulumi type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** One line of a bill: so many units of a price, because of one resource. */
export interface Line {
  readonly service: string;
  /** The logical name of the resource. */
  readonly resource: string;
  /** What drives it, in words. */
  readonly driver: string;
  readonly price: PriceName;
  /** Units a month. */
  readonly quantity: number;
  readonly usd: number;
}

/** @param quantity units of the price a month */
export function line(resource: Pick<Resource, "name">, driver: string, price: PriceName, quantity: number): Line {
  const { service, usd } = PRICES[price];
  return { service, resource: resource.name, driver, price, quantity, usd: quantity * usd };
}

import { type PriceName, PRICES } from "./prices.ts";

/** A resource as evaluated for a stage; additional fields are ignored. */
export interface Resource {
  /** Pulumi type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** The logical name. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** One line of a bill: the units of a price that one resource uses. */
export interface Line {
  readonly service: string;
  /** The logical name of the resource. */
  readonly resource: string;
  /** The reason for the units, in words. */
  readonly driver: string;
  readonly price: PriceName;
  /** Units a month. */
  readonly quantity: number;
  readonly usd: number;
}

/** Creates a line of a bill. @param quantity units of the price a month */
export function line(resource: Pick<Resource, "name">, driver: string, price: PriceName, quantity: number): Line {
  const { service, usd } = PRICES[price];
  return { service, resource: resource.name, driver, price, quantity, usd: quantity * usd };
}

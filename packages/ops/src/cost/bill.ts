import { CHARGES } from "./charges.ts";
import { FREE, isOnlyState } from "./free.ts";
import type { Line, Resource } from "./line.ts";
import { PRICES } from "./prices.ts";
import { IDLE, type LoadProfile } from "./profile.ts";
import { trafficOf } from "./traffic.ts";

/** The costs of a stage in a month of 730 hours, in US dollars. */
export interface Bill {
  readonly profile: LoadProfile;
  /** The lines of the bill, each with its resource and price; lines of zero units are omitted. */
  readonly lines: readonly Line[];
  readonly usd: number;
}

/**
 * Computes the bill of a stage under a load, at list prices without any free tier.
 * @param resources the evaluated resources of the stage
 * @throws Error for a resource type, function, queue or size without a price
 */
export function billOf(resources: readonly Resource[], profile: LoadProfile): Bill {
  const context = { profile, resources, traffic: trafficOf(profile, resources) };
  const lines = resources
    .flatMap((resource) => {
      if (FREE.has(resource.type) || isOnlyState(resource.type)) return [];
      const charge = Object.hasOwn(CHARGES, resource.type) ? CHARGES[resource.type] : undefined;
      if (!charge) throw new Error(`${resource.type} has no price: add it to packages/ops/src/cost`);
      return charge(resource, context);
    })
    .filter(({ quantity }) => quantity > 0);
  return { profile, lines, usd: sum(lines) };
}

/** Computes the bill of a month without any activity. */
export const idleBillOf = (resources: readonly Resource[]): Bill => billOf(resources, IDLE);

/** Returns the dollars by service, most expensive first. */
export function byService({ lines }: Bill): { readonly service: string; readonly usd: number }[] {
  const groups = Map.groupBy(lines, ({ service }) => service);
  return [...groups]
    .map(([service, own]) => ({ service, usd: sum(own) }))
    .toSorted((left, right) => right.usd - left.usd);
}

/** Formats a bill as text: each service with its lines of at least a cent. */
export function printBill(bill: Bill): string {
  const rows = byService(bill).flatMap(({ service, usd }) => [
    `${dollars(usd)}  ${service}`,
    ...bill.lines
      .filter((line) => line.service === service && line.usd >= 0.005)
      .toSorted((left, right) => right.usd - left.usd)
      .map(
        ({ resource, driver, price, quantity, usd: own }) =>
          `${dollars(own)}    ${resource}: ${driver}, ${amount(quantity)} × ${PRICES[price].unit}`,
      ),
  ]);
  return [`${dollars(bill.usd)}  a month: ${bill.profile.name}`, ...rows].join("\n");
}

const sum = (lines: readonly Line[]) => lines.reduce((total, { usd }) => total + usd, 0);
const dollars = (usd: number) => usd.toFixed(2).padStart(8);
const amount = (quantity: number) => quantity.toLocaleString("en", { maximumFractionDigits: quantity < 100 ? 2 : 0 });

import { flatten } from "../evaluate/flatten.ts";
import type { Evaluation, Resource } from "../evaluate/resource.ts";
import { type Forces, forcesReplacement, lossOf } from "./replacement.ts";

interface PropertyChange {
  readonly path: string;
  /** The value before the change; undefined if the input is new. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly forces: Forces;
}

export interface Change {
  readonly kind: "create" | "change" | "replace" | "may replace" | "delete";
  readonly type: string;
  readonly name: string;
  readonly properties: readonly PropertyChange[];
  /** The data or address that is lost with the resource; undefined if the resource can be recreated. */
  readonly loss: string | undefined;
  /** The protection against the loss: `protect` rejects the deletion, `retain` leaves the resource in the account. */
  readonly kept: "protect" | "retain" | undefined;
}

/** Returns whether a resource exists in the cloud, unlike SST's components and links and Pulumi's own resources. */
const isCloud = ({ type }: Resource) => !/^(sst|pulumi):/.test(type);
const keyOf = ({ type, name }: Resource) => `${type} ${name}`;

/** Returns the changes of a deployment between two evaluations of a stage, sorted by type and name. */
export function compare(before: Evaluation, after: Evaluation): Change[] {
  const [old, now] = [before, after].map((one) => new Map(one.resources.filter(isCloud).map((r) => [keyOf(r), r])));
  if (!old || !now) return [];
  const keys = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return keys.flatMap((key) => changeOf(old.get(key), now.get(key)) ?? []);
}

/** Returns whether a change would lose data or an address permanently. */
export const isLoss = ({ kind, loss, kept }: Change): boolean =>
  loss !== undefined && kept === undefined && (kind === "replace" || kind === "may replace" || kind === "delete");

function changeOf(before: Resource | undefined, after: Resource | undefined): Change | undefined {
  const one = before ?? after;
  if (!one) return undefined;
  const about = { type: one.type, name: one.name, loss: lossOf(one.type), kept: keptBy(before) };
  if (!before) return { ...about, kind: "create", properties: [] };
  if (!after) return { ...about, kind: "delete", properties: [] };
  const properties = differences(before, after);
  if (properties.length === 0) return undefined;
  const kind = properties.some(({ forces }) => forces === "yes")
    ? "replace"
    : properties.some(({ forces }) => forces === "perhaps")
      ? "may replace"
      : "change";
  return { ...about, kind, properties };
}

function keptBy(resource: Resource | undefined): Change["kept"] {
  if (resource?.options.protect) return "protect";
  return resource?.options.retainOnDelete ? "retain" : undefined;
}

function differences(before: Resource, after: Resource): PropertyChange[] {
  const ignored = after.options.ignoreChanges;
  const [old, now] = [flatten(before.inputs), flatten(after.inputs)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return paths
    .filter((path) => old.get(path) !== now.get(path))
    .filter((path) => !ignored.some((one) => one === "*" || path === one || path.startsWith(`${one}.`)))
    .map((path) => ({
      path,
      before: old.get(path),
      after: now.get(path),
      forces: forcesReplacement(after.type, path),
    }));
}

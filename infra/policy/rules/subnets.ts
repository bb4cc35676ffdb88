import { list, type Resource, text } from "../resource.ts";
import { of, type Rule } from "../rule.ts";

/** Finds resources of some types whose list at `path` contains a public subnet, which has a route from the internet. */
export const inPublicSubnets =
  (types: readonly string[], path: string): Rule["offenders"] =>
  (resources) => {
    const open = of(resources, "aws:ec2/subnet:Subnet")
      .filter(({ name }) => /public/i.test(name))
      .map((subnet: Resource) => text(subnet.outputs, "id") || text(subnet, "id"));
    return of(resources, ...types).filter((one) => list(one, path).some((id) => open.includes(text(id))));
  };

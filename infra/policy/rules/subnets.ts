import { list, type Resource, text } from "../resource.ts";
import { of, type Rule } from "../rule.ts";

/** Resources of some types that name a public subnet, one with a way in from the internet, in the list at a path. */
export const inPublicSubnets =
  (types: readonly string[], path: string): Rule["offenders"] =>
  (resources) => {
    const open = of(resources, "aws:ec2/subnet:Subnet")
      .filter(({ name }) => /public/i.test(name))
      .map((subnet: Resource) => text(subnet.outputs, "id") || text(subnet, "id"));
    return of(resources, ...types).filter((one) => list(one, path).some((id) => open.includes(text(id))));
  };

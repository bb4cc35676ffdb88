import * as v from "valibot";
import { resourceName } from "./names.ts";
import { stage } from "./stage.ts";

/**
 * The SSM parameter in which `dev` publishes its network and its cluster, and from which previews read them
 * (docs/adr/0029).
 */
export const GUESTS_PARAMETER = `/${resourceName($app.name, "dev", "guests", "tag")}`;

const Host = v.object({
  vpcId: v.string(),
  privateSubnets: v.array(v.string()),
  /** The security group of functions, which has access to the database. */
  functionsGroup: v.string(),
  database: v.object({ host: v.string(), port: v.number() }),
  /** The user that creates and drops the databases of previews. */
  admin: v.object({ username: v.string(), password: v.string(), database: v.string() }),
});
export type Host = v.InferOutput<typeof Host>;

/** The resources of `dev` that this stage shares; undefined for a stage that is not a preview. */
export const hostOfGuests: Host | undefined = stage.isGuest ? await readHost() : undefined;

async function readHost(): Promise<Host> {
  const { value } = await aws.ssm
    .getParameter({ name: GUESTS_PARAMETER, withDecryption: true })
    .catch((cause: unknown) => {
      throw new Error(
        `The stage "${stage.name}" lives in the network and the database cluster of dev, and ${GUESTS_PARAMETER} cannot be read: deploy dev first`,
        { cause },
      );
    });
  return v.parse(v.pipe(v.string(), v.parseJson(), Host), value);
}

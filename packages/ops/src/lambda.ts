import * as v from "valibot";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Audit } from "@gotong/core/platform/audit/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { runStep } from "./command.ts";
import { type Answer, Request } from "./ops-protocol.ts";
import { UsageError } from "./outcome.ts";
import { type Parsed, parse } from "./program.ts";

Config.check(["service", "database", "cache", "queue", "storage", "reputation", "auth", "mail", "membership"]);
Log.identify("ops", Config.section("service").STAGE);

/** Time limit of one step: short enough that the operator sees progress, and far below the function's timeout. */
const STEP_MS = 20_000;

/**
 * Runs one step of a command for an operator outside of the VPC. Only AWS itself invokes it, and IAM decides for
 * whom. A command that changes something is audited once, when it begins.
 */
export const handler = (event: unknown): Promise<Answer> => answer(event, STEP_MS);

/** Runs one step. @param stepMs time after which a long command stops and continues in the next step */
export async function answer(event: unknown, stepMs: number): Promise<Answer> {
  const progress: string[] = [];
  try {
    const request = v.parse(Request, event);
    const parsed = parse(request.words);
    if ("help" in parsed) return { status: "done", progress, text: parsed.help, data: { message: parsed.help } };
    if (parsed.command.place === "machine" || parsed.stage !== undefined)
      throw new UsageError(`gotong ${parsed.command.name} does not run in a stage's ops function`);
    if (request.cursor === undefined) await audit(parsed, request.operator);
    const until = performance.now() + stepMs;
    const outcome = await runStep(parsed, {
      cursor: request.cursor,
      progress: (line) => void progress.push(line),
      isOver: () => performance.now() >= until,
    });
    return "cursor" in outcome
      ? { status: "more", progress, cursor: outcome.cursor }
      : { status: "done", progress, text: outcome.text, data: outcome.data };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof UsageError)) Log.error("command failed", error);
    return { status: "failed", progress, message, isUsage: error instanceof UsageError };
  }
}

/** Records the command's name without its arguments; the changes of the command have audit entries of their own. */
async function audit({ command, options }: Parsed, operator: string): Promise<void> {
  if (command.isReading === true || options["dryRun"] === true) return;
  await Actor.run({ type: "system", name: Actor.COMMAND_LINE }, Id.uuid(), () =>
    Audit.record("operator.command", "command", command.name, { operator }),
  );
}

import { Db } from "@gotong/core/platform/db/index.ts";
import { awsFunctions } from "./aws-functions.ts";
import { runHere } from "./command.ts";
import { UsageError } from "./outcome.ts";
import { parse } from "./program.ts";
import { runOnStage } from "./stage.ts";
import { withRemedy } from "./remedy.ts";

const progress = (line: string) => void process.stderr.write(`${line}\n`);

try {
  const words = process.argv.slice(2);
  const parsed = parse(words);
  if ("help" in parsed) process.stdout.write(parsed.help);
  else {
    const { command, stage, isJson } = parsed;
    const isHere = stage === undefined || command.isAboutStage === true;
    const outcome = isHere
      ? await runHere(
          { ...parsed, options: { ...parsed.options, ...(stage === undefined ? {} : { stage }) } },
          progress,
        )
      : await runOnStage(stage, { command, words: withoutStage(words) }, progress, await awsFunctions());
    process.stdout.write(isJson ? `${JSON.stringify(outcome.data)}\n` : outcome.text);
    if (outcome.isAlarming) process.exitCode = 1;
  }
} catch (error) {
  process.stderr.write(`${withRemedy(error instanceof Error ? error.message : String(error))}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
} finally {
  await Db.close();
}

function withoutStage(words: readonly string[]): string[] {
  const at = words.findIndex((word) => word === "--stage" || word.startsWith("--stage="));
  return words.filter((_, index) => index !== at && !(index === at + 1 && words[at] === "--stage"));
}

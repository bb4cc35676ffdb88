import { Command as Program, CommanderError } from "commander";
import type { Command } from "./command-type.ts";
import { COMMANDS } from "./commands.ts";
import { UsageError } from "./outcome.ts";

/** A parsed command line. */
export interface Parsed {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  /** The stage to run on; undefined runs the command here. */
  readonly stage?: string;
  readonly isJson: boolean;
}

/**
 * Parses a command line.
 * @returns the command to run, or the requested help
 * @throws UsageError with the usage, if a word is unknown or missing
 */
export function parse(words: readonly string[]): Parsed | { readonly help: string } {
  let parsed: Parsed | undefined;
  const printed: string[] = [];
  const program = prepared(new Program("gotong"), printed)
    .description("The operators' command line of Gotong Royong.")
    .option("--stage <name>", "run on a deployed stage, by its ops function")
    .option("--json", "print the result as JSON")
    .addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 typed wrong.");
  const groups = new Map<string, Program>();
  for (const command of COMMANDS) {
    const [group, verb] = command.name.split(" ");
    const parent = verb === undefined ? program : groupOf(groups, program, group ?? "", printed);
    const leaf = prepared(
      parent.command(verb ?? command.name, {
        hidden: command.isHidden === true,
        isDefault: command.isDefault === true,
      }),
      printed,
    ).description(command.summary);
    for (const arg of command.args ?? []) leaf.argument(arg);
    for (const [flags, description] of command.options ?? []) leaf.option(flags, description);
    if (command.examples)
      leaf.addHelpText("after", `\nExamples:\n${command.examples.map((line) => `  gotong ${line}\n`).join("")}`);
    leaf.action(() => {
      const global = program.opts<{ stage?: string; json?: boolean }>();
      parsed = {
        command,
        args: leaf.args,
        options: leaf.opts(),
        ...(global.stage === undefined ? {} : { stage: global.stage }),
        isJson: global.json === true,
      };
    });
  }
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isHelp = error.code === "commander.helpDisplayed" || (error.code === "commander.help" && words.length === 0);
    if (isHelp) return { help: printed.join("") };
    throw new UsageError(printed.join("").trimEnd() || error.message);
  }
  if (!parsed) throw new UsageError(program.helpInformation());
  return parsed;
}

function groupOf(groups: Map<string, Program>, program: Program, name: string, printed: string[]): Program {
  const known = groups.get(name);
  if (known) return known;
  const group = prepared(program.command(name), printed).description(
    COMMANDS.filter((command) => command.isHidden !== true && command.name.startsWith(`${name} `))
      .map((command) => command.name.slice(name.length + 1))
      .join(", "),
  );
  groups.set(name, group);
  return group;
}

/** Prevents commander from exiting the process and from printing; its output goes to `printed`. */
function prepared(program: Program, printed: string[]): Program {
  const write = (text: string) => void printed.push(text);
  return program
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write })
    .showHelpAfterError()
    .helpOption("--help", "show this help");
}

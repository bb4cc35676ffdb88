import type { Command } from "./command-type.ts";
import { UsageError } from "./outcome.ts";

/** Options of every command. */
const GLOBAL = ["--stage", "--json", "--help"];

const flagsOf = ({ options = [] }: Command) => options.flatMap(([flags]) => /--[a-z-]+/.exec(flags)?.[0] ?? []);

/**
 * Returns the completion script of `gotong` for a shell, with groups, verbs and options.
 * @throws UsageError for a shell other than bash, zsh and fish
 */
export function completionFor(shell: string, all: readonly Command[]): string {
  const commands = all.filter(({ isHidden }) => isHidden !== true);
  const first = [...new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""))];
  const verbs = new Map(
    first.map((group) => [
      group,
      commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : [])),
    ]),
  );
  if (shell === "fish") return fish(commands, first);
  if (shell !== "bash" && shell !== "zsh") throw new UsageError("the shell must be bash, zsh or fish");
  const cases = first.flatMap((group) => {
    const words = verbs.get(group) ?? [];
    return words.length > 0 ? [`    ${group}) words="${words.join(" ")}" ;;`] : [];
  });
  const options = commands.map(
    (command) => `    "${command.name}") words="${[...flagsOf(command), ...GLOBAL].join(" ")}" ;;`,
  );
  const body = [
    "_gotong() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" words=""',
    '  local command="${COMP_WORDS[1]} ${COMP_WORDS[2]}"',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${first.join(" ")} ${GLOBAL.join(" ")}"`,
    '  elif [ "${current#-}" != "$current" ]; then',
    '    case "$command" in',
    ...options.filter((line) => line.includes(" ") && /"\S+ \S+"\)/.test(line)),
    "    *)",
    '    case "${COMP_WORDS[1]}" in',
    ...options.filter((line) => /^ {4}"\S+"\)/.test(line)),
    "    esac ;;",
    "    esac",
    '  elif [ "$COMP_CWORD" -eq 2 ]; then',
    '    case "${COMP_WORDS[1]}" in',
    ...cases,
    "    esac",
    "  fi",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    "complete -F _gotong gotong",
  ].join("\n");
  const before = shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  return `${before}${body}\n`;
}

function fish(commands: readonly Command[], first: readonly string[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`;
  const lines = [
    `complete -c gotong -f`,
    `complete -c gotong -n "__fish_use_subcommand" -a ${quoted(first.join(" "))}`,
    `complete -c gotong -l stage -r -d 'run on a deployed stage'`,
    `complete -c gotong -l json -d 'print the result as JSON'`,
  ];
  for (const command of commands) {
    const [group = "", verb] = command.name.split(" ");
    const seen = `__fish_seen_subcommand_from ${group}`;
    if (verb !== undefined) lines.push(`complete -c gotong -n "${seen}" -a ${verb} -d ${quoted(command.summary)}`);
    const within = verb === undefined ? seen : `${seen}; and __fish_seen_subcommand_from ${verb}`;
    for (const flag of flagsOf(command)) lines.push(`complete -c gotong -n "${within}" -l ${flag.replace("--", "")}`);
  }
  return `${lines.join("\n")}\n`;
}

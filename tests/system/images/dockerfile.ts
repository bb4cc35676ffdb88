import { DockerfileParser, type Instruction } from "dockerfile-ast";

/** Violations in a Dockerfile, one message each: the relevant rules of hadolint and of the CIS benchmark. */
export function faultsOf(text: string): string[] {
  const found: string[] = [];
  const stages = new Map<string, Instruction[]>();
  let name = "";
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const keyword = instruction.getKeyword();
    const words = instruction.getArguments().map((argument) => argument.getValue());
    if (keyword === "FROM") {
      name = words[2] ?? words[0] ?? "";
      const [base = ""] = words;
      if (!stages.has(base) && !/:\d+\.\d+\.\d+(-|$)/.test(base))
        found.push(`${base} is an image without an exact version`);
      stages.set(name, [...(stages.get(base) ?? [])]);
    }
    stages.get(name)?.push(instruction);
    const all = words.join(" ");
    if (keyword === "ADD") found.push("ADD fetches and unpacks: use COPY");
    if (keyword === "RUN" && /\bnpm (i|install)\b/.test(all))
      found.push("npm install ignores the lock file: use npm ci");
    if (keyword === "RUN" && /\bsudo\b|curl[^|]*\|\s*(ba)?sh/.test(all)) found.push("RUN trusts what it downloads");
    if ((keyword === "ENV" || keyword === "ARG") && /(SECRET|TOKEN|PASSWORD|_KEY)\b/.test(all))
      found.push(`${keyword} keeps a secret in the image`);
    if ((keyword === "CMD" || keyword === "ENTRYPOINT") && !all.startsWith("["))
      found.push(`${keyword} in shell form: SIGTERM would not reach the program`);
  }
  for (const [stage, instructions] of stages) {
    const last = (keyword: string) => instructions.findLast((each) => each.getKeyword() === keyword);
    if (last("CMD") === undefined) continue; // a stage without CMD is a build step, not an image
    const user = last("USER")?.getArguments()[0]?.getValue() ?? "root";
    if (!/^[1-9]\d*(:|$)/.test(user)) found.push(`${stage} runs as ${user}`);
    if (last("HEALTHCHECK") === undefined) found.push(`${stage} has no health check`);
    if (last("WORKDIR") === undefined) found.push(`${stage} has no working directory`);
  }
  return found;
}

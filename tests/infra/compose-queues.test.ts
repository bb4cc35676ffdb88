import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { QUEUES, URL_VARIABLES, isFifo } from "@gotong/core/platform/queue/index.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { ROOT, readCompose } from "../system/images/compose.ts";

const text = readFileSync(join(ROOT, "infra/compose/elasticmq.conf"), "utf8");
const blocks = [...text.matchAll(/^ {2}"?([a-z_.]+)"? \{\n([^]*?)\n {2}\}/gm)].map(([, name = "", body = ""]) => {
  const dead = /name = "?([a-z_.]+)"?, maxReceiveCount = (\d+)/.exec(body);
  return {
    name,
    fifo: body.includes("fifo = true"),
    visibility: Number(/defaultVisibilityTimeout = (\d+) seconds/.exec(body)?.[1]),
    dead: dead ? { queue: dead[1], receives: Number(dead[2]) } : undefined,
  };
});
const nameOf = (queue: (typeof QUEUES)[number]) => (isFifo(queue) ? `${queue}.fifo` : queue);
const camel = (queue: string) => queue.replaceAll(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

test("compose.yaml's ElasticMQ has every queue with the settings of infra/queues.ts, and the containers have the URL of each", async () => {
  const staging = (await evaluateAll()).find(({ variant }) => variant.id === "staging");
  const environment = readCompose().services["api"]?.environment ?? {};
  expect(blocks.map(({ name }) => name).toSorted()).toEqual(QUEUES.map(nameOf).toSorted());
  for (const queue of QUEUES) {
    const block = blocks.find(({ name }) => name === nameOf(queue));
    const declared = staging?.resources.find(({ name }) => name === `${camel(queue)}QueueQueue`)?.inputs;
    expect(block?.fifo, queue).toBe(declared?.["fifoQueue"] === true);
    expect(block?.visibility, queue).toBe(Number(declared?.["visibilityTimeoutSeconds"] ?? 30));
    const policy = declared?.["redrivePolicy"];
    const redrive = typeof policy === "string" ? policy : "";
    expect(block?.dead?.receives, queue).toBe(
      redrive === "" ? undefined : Number(/"maxReceiveCount":(\d+)/.exec(redrive)?.[1]),
    );
    if (redrive !== "") expect(block?.dead?.queue, queue).toBe(isFifo(queue) ? "dead_deliveries.fifo" : "dead");
    expect(environment[URL_VARIABLES[queue]]).toMatch(new RegExp(`/000000000000/${nameOf(queue)}$`));
  }
});

// A test runner for Stryker: its own runner for Vitest, but with one worker thread for many mutants. A new thread for each mutant would
// spend most of its time loading the platform. Plain JavaScript, since Stryker's runner keeps `ctx` private.
import { appendFileSync } from "node:fs";
import { strykerPlugins as vitestPlugins } from "@stryker-mutator/vitest-runner";
import { ThreadsPoolWorker } from "vitest/node";

/**
 * Share of Stryker's time limit after which this runner stops a mutant; at the limit itself, Stryker would end the
 * process with the database and the transformed files.
 */
const OWN_SHARE_OF_TIMEOUT = 0.9;
/** Number of runs after which the thread is replaced, since each run leaves a listener in it. */
const RUNS_PER_THREAD = 200;
/** A name that no mutant has. */
const NO_MUTANT = "none";
const KILLS_PER_CHECK = 5;
/** File with the ids of mutants that were wrongly reported as killed. main.ts subtracts them. */
const FALSE_KILLS = process.env.MUTATION_FALSE_KILLS ?? "";

const [vitest] = vitestPlugins;
if (vitest === undefined) throw new Error("@stryker-mutator/vitest-runner has no plugin");

/** The worker thread of this process. It survives the end of a run, and keeps the loaded modules. */
class KeptThread {
  #worker;
  #runs = 0;
  #isStarted = false;

  /** Returns the worker in the form that Vitest requests: one for each run. */
  createPoolWorker(options) {
    const worker = (this.#worker ??= new ThreadsPoolWorker(options));
    const listeners = new Set();
    this.#runs += 1;
    return {
      name: "kept",
      start: async () => {
        if (!this.#isStarted) await worker.start();
        this.#isStarted = true;
      },
      send: (message) => {
        if (message.type !== "stop") return worker.send(message);
        for (const [event, listener] of listeners)
          if (event === "message") listener({ type: "stopped", __vitest_worker_response__: true });
      },
      on: (event, listener) => {
        listeners.add([event, listener]);
        worker.on(event, listener);
      },
      off: (event, listener) => worker.off(event, listener),
      stop: async () => {
        for (const [event, listener] of listeners) if (this.#worker === worker) worker.off(event, listener);
        listeners.clear();
      },
      deserialize: (data) => data,
      canReuse: () => true,
    };
  }

  get isWorn() {
    return this.#runs >= RUNS_PER_THREAD;
  }

  /** Stops the thread, even in an endless loop. The next run starts a new one. */
  async end() {
    const worker = this.#worker;
    this.#worker = undefined;
    const isStarted = this.#isStarted;
    this.#runs = 0;
    this.#isStarted = false;
    if (isStarted) await worker?.stop();
  }
}

class KeptRunner {
  #inner;
  #thread = new KeptThread();
  /** Mutants killed since the last check. */
  #unconfirmed = [];

  constructor(inner) {
    this.#inner = inner;
  }

  capabilities() {
    return this.#inner.capabilities();
  }

  async init() {
    await this.#inner.init();
    for (const { config } of this.#inner.ctx.projects) {
      config.isolate = false;
      config.pool = "kept";
      config.poolRunner = { name: "kept", createPoolWorker: (options) => this.#thread.createPoolWorker(options) };
    }
  }

  dryRun(options) {
    return this.#inner.dryRun(options);
  }

  async mutantRun(options) {
    if (options.reloadEnvironment) await this.#thread.end();
    const result = await this.#run(options);
    if (result.status === "killed") this.#unconfirmed.push({ options, killedBy: result.killedBy });
    if (this.#unconfirmed.length >= KILLS_PER_CHECK) await this.#confirm();
    return result;
  }

  /**
   * Checks the last kills. A mutant may leave the modules in a state that fails the tests of the next mutants. So the tests that killed
   * them must pass without any mutant in the same thread. Otherwise each kill is repeated in its own thread, and the mutants that
   * survive there are recorded.
   */
  async #confirm() {
    const kills = this.#unconfirmed.splice(0);
    const [{ options }] = kills;
    const testFilter = [...new Set(kills.flatMap(({ killedBy }) => killedBy))];
    const timeout = 3 * Math.max(...kills.map((kill) => kill.options.timeout));
    const activeMutant = { ...options.activeMutant, id: NO_MUTANT };
    if ((await this.#run({ ...options, timeout, activeMutant, testFilter })).status === "survived") return;
    for (const kill of kills) {
      await this.#thread.end();
      const { status } = await this.#run(kill.options);
      if (status === "survived") appendFileSync(FALSE_KILLS, `${kill.options.activeMutant.id}\n`);
    }
    await this.#thread.end();
  }

  async #run(options) {
    if (this.#thread.isWorn) await this.#thread.end();
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      void this.#thread.end();
    }, options.timeout * OWN_SHARE_OF_TIMEOUT);
    try {
      this.#inner.ctx.state.errorsSet.clear();
      const result = await this.#inner.mutantRun(options);
      return isOver ? { status: "timeout" } : result;
    } catch (error) {
      if (isOver) return { status: "timeout" };
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async dispose() {
    await this.#thread.end();
    await this.#inner.dispose();
  }
}

const factory = (injector) => new KeptRunner(vitest.factory(injector));
factory.inject = ["$injector"];

/** Ignores mutants of texts for people: the detail of a problem, the text of a log line or of an exception. */
const texts = {
  shouldIgnore({ node, parent }) {
    const isLogged = parent?.type === "CallExpression" && parent.callee.object?.name === "Log";
    const isOnlyDetail = ({ type, properties = [] }) =>
      type === "ObjectExpression" && properties.length === 1 && properties[0].key?.name === "detail";
    if (isOnlyDetail(node)) return "a text for people";
    if (node.type !== "StringLiteral" && node.type !== "TemplateLiteral") return isLogged ? "logged" : undefined;
    const isDetail = parent?.type === "ObjectProperty" && parent.value === node && parent.key.name === "detail";
    const isThrown = parent?.type === "NewExpression" && parent.callee.name === "Error";
    return isDetail || isLogged || isThrown ? "a text for people" : undefined;
  },
};

export const strykerPlugins = [
  { kind: vitest.kind, name: vitest.name, factory },
  { kind: "Ignore", name: "texts", value: texts },
];
export { strykerValidationSchema } from "@stryker-mutator/vitest-runner";

import { Clock } from "@gotong/core/platform/clock.ts";
import { ThrottledError } from "../stage.ts";
import type { World } from "./world.ts";

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000];
const AWS_SECONDS = 70;
const JOURNAL_SECONDS = 120;
/** Timeout of the migrations, which take up to fifteen minutes. */
const MIGRATE_SECONDS = 16 * 60;
const PROGRAM_SECONDS = 600;
const FILE_SECONDS = 60;
/** Time that a terminated program has to exit. */
const ENDING_SECONDS = 30;

/** Wraps the external systems of a release: each call gets a timeout, and throttled calls are retried for a minute. */
export function bounded({ shell, traffic, journal, ...rest }: World): World {
  return {
    ...rest,
    outputs: limited("the file of outputs", FILE_SECONDS, () => rest.outputs()),
    migrations: limited("the folder of migrations", FILE_SECONDS, () => rest.migrations()),
    keep: limited("the file of the record", FILE_SECONDS, (...given) => rest.keep(...given)),
    migrate: limited("the migration", MIGRATE_SECONDS, () => rest.migrate()),
    shell: {
      run: (program, variables, options = {}) => {
        const seconds = options.seconds ?? PROGRAM_SECONDS;
        return within(seconds + ENDING_SECONDS, program.join(" "), () =>
          shell.run(program, variables, { ...options, seconds }),
        );
      },
    },
    journal: {
      begin: limited("the stage's record", JOURNAL_SECONDS, (input) => journal.begin(input)),
      save: limited("the stage's record", JOURNAL_SECONDS, (input) => journal.save(input)),
      list: limited("the stage's record", JOURNAL_SECONDS, () => journal.list()),
      appliedMigrations: limited("the stage's record", JOURNAL_SECONDS, () => journal.appliedMigrations()),
    },
    traffic: {
      aliasOf: limited("Lambda", AWS_SECONDS, (...given) => traffic.aliasOf(...given)),
      setAlias: limited("Lambda", AWS_SECONDS, (...given) => traffic.setAlias(...given)),
      beginShift: limited("CodeDeploy", AWS_SECONDS, (...given) => traffic.beginShift(...given)),
      shiftOf: limited("CodeDeploy", AWS_SECONDS, (...given) => traffic.shiftOf(...given)),
      runningShifts: limited("CodeDeploy", AWS_SECONDS, (...given) => traffic.runningShifts(...given)),
      stopShift: limited("CodeDeploy", AWS_SECONDS, (...given) => traffic.stopShift(...given)),
      ringingAlarms: limited("CloudWatch", AWS_SECONDS, (...given) => traffic.ringingAlarms(...given)),
      removeProvisioned: limited("Lambda", AWS_SECONDS, (...given) => traffic.removeProvisioned(...given)),
      setProvisioned: limited("Lambda", AWS_SECONDS, (...given) => traffic.setProvisioned(...given)),
      ask: limited("the API", AWS_SECONDS, (...given) => traffic.ask(...given)),
    },
  };
}

const limited =
  <Args extends unknown[], T>(what: string, seconds: number, work: (...args: Args) => Promise<T>) =>
  (...args: Args): Promise<T> =>
    patiently(() => within(seconds, what, () => work(...args)));

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pauseMs of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ThrottledError)) throw error;
      await Clock.sleep(pauseMs);
    }
  }
  return work();
}

async function within<T>(seconds: number, what: string, work: () => Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} has not answered in ${seconds} seconds`)), seconds * 1000);
  try {
    return await Promise.race([work(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

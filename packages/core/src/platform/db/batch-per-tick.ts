import { Actor } from "../actor.ts";
import { isInTransaction, isOnReader, outside } from "./transaction.ts";

/** More would make one statement as slow as many: its answer comes when the last row is read. */
const AT_MOST = 32;

interface Waiting<Question, Answer> {
  readonly question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Asks the database the questions that arrive in one turn of the event loop with one statement: for what most requests
 * ask, since each statement costs two system calls. Only for reads whose answer depends on the question alone:
 *
 * - The statement runs as no member and outside of all transactions: a question from inside of one is asked alone, and so is
 *   one that a replica may answer, since which replica may depends on what the member has written.
 * - It is sent after all its questions arrived, so that each answer is as new as if it was asked alone.
 * - When it fails, each question is asked alone, and gets its own answer or error.
 * @param ask answers questions, in their order
 */
export function perTurn<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: Waiting<Question, Answer>[] = [];
  const asked = async (questions: readonly Question[]) => {
    const answers = await ask(questions);
    if (answers.length !== questions.length)
      throw new Error("a shared statement must have one answer for each question");
    return answers;
  };
  const alone = async (question: Question): Promise<Answer> => {
    for (const answer of await asked([question])) return answer;
    throw new Error("unreachable: there is one answer");
  };
  const together = async (chunk: readonly Waiting<Question, Answer>[]) => {
    try {
      const answers = await asked(chunk.map(({ question }) => question));
      for (const [index, answer] of answers.entries()) chunk[index]?.resolve(answer);
    } catch (error) {
      if (chunk.length === 1) chunk[0]?.reject(error);
      else for (const { question, resolve, reject } of chunk) alone(question).then(resolve, reject);
    }
  };
  const flush = () => {
    const all = waiting;
    waiting = [];
    for (let start = 0; start < all.length; start += AT_MOST) void together(all.slice(start, start + AT_MOST));
  };
  const asPublic = () => outside(() => Actor.run({ type: "public" }, Actor.requestId(), flush));
  return (question) =>
    isInTransaction() || isOnReader()
      ? alone(question)
      : new Promise((resolve, reject) => {
          if (waiting.push({ question, resolve, reject }) === 1) setImmediate(asPublic);
        });
}

import { afterAll, expect, test } from "vitest";
import { until } from "../../harness/scenes.ts";
import { startSes } from "../../harness/ses.ts";
import { type Attack, duel, quantile, ratioOf, TRIES, useApi } from "./harness/index.ts";

const ses = await startSes();
/** Delays each mail by more time than any API response takes. */
ses.delayMs = 1_500;
const api = useApi(
  {
    MAIL_FROM: "help@example.org",
    PASSWORD_RESET_URL: "https://app.example.org/reset",
    EMAIL_PROOF_URL: "https://app.example.org/proof",
    SES_ENDPOINT: ses.url,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  },
  { workers: true },
);
afterAll(() => ses.stop());

const PAIRS = 12;

test(
  "a slow mail server does not reveal which addresses have an account, and delays only its own queue",
  TRIES,
  async () => {
    const emails: string[] = [];
    for (let made = 0; made < PAIRS; made += 1) emails.push((await api.platform.person()).email);
    const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
    const answers = new Set<string>();
    const attack: Attack = async (context) => {
      const addresses = context.addresses(PAIRS * 2);
      for (const [index, email] of emails.entries()) {
        // Alternates known and unknown addresses, so that both are measured under the same load.
        for (const [at, kind] of (["known", "unknown"] as const).entries()) {
          const body = { email: kind === "known" ? email : `x${email.slice(1)}` };
          const sentAt = performance.now();
          const answer = await context.send(
            { method: "POST", path: "/v1/auth/password-resets", body },
            addresses[2 * index + at],
          );
          times[kind].push(performance.now() - sentAt);
          answers.add(`${answer?.status} ${answer?.text}`);
        }
      }
    };
    const result = await duel(api, { attack, member: await api.readers(), rounds: 1, count: 60, leastMs: 15_000 });
    const ratio = ratioOf(quantile(times.known, 0.5), quantile(times.unknown, 0.5));
    process.stdout.write(`median of known addresses ×${ratio.toFixed(2)}; ${ses.received.length} mails were begun\n`);
    expect([times.known.length, times.unknown.length]).toEqual([PAIRS, PAIRS]);
    expect([...answers]).toHaveLength(1);
    // If the request itself sent the mail, the ratio would be at least 3: 1.5 s against 0.5 s.
    expect(ratio).toBeLessThan(1.5);
    expect(1 / ratio).toBeLessThan(1.5);
    expect(
      await until(
        () => ses.received.length,
        (mails) => mails >= PAIRS,
      ),
    ).toBeGreaterThanOrEqual(PAIRS);
    expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
    expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
  },
);

import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";

const SECRET = process.env["GOTONG_ROYONG_WEBHOOK_SECRET"] ?? "";
const RECEIVER = new URL(process.env["MARKOV_API_URL"] ?? "http://127.0.0.1:1");
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Signs an event and posts it: the minimum work of any delivery. @throws Error unless the response is 2xx */
export function signAndPost(body: string): Promise<void> {
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "x-gr-signature": `sha256=${signature}`,
    };
    const sent = request(RECEIVER, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("error", reject);
      answer.on("end", () =>
        (answer.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`status ${answer.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Returns the body of the n-th event. */
export const eventOf = (n: number): string =>
  JSON.stringify({
    event_id: `evt_${n.toString(16).padStart(16, "0")}`,
    event_type: "contribution_created",
    timestamp: "2026-01-01T00:00:00.000Z",
    actor: { user_id: "00000000-0000-7000-8000-000000000001", username: "bench" },
    subject: { contribution_type: "community_service", title: "Cleared the drain from the mosque to the rice fields" },
  });

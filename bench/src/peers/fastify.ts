// Uses Fastify and `pg` as their documentation shows them, without accounts, limits, validation or audit.
import fastify from "fastify";
import pg from "pg";
import * as v from "valibot";
import { addContribution, addContributionAtOnce, bareListTasks, listTasks } from "./acts.ts";
import { publisher } from "./published.ts";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 10 });
const app = fastify();
const Query = v.record(v.string(), v.unknown());
const addAndPublish = publisher(pool, process.env["SQS_ENDPOINT"] ?? "", process.env["DELIVERIES_QUEUE_URL"] ?? "");
app.get("/", async () => ({ ok: true }));
app.get("/v1/tasks", async (request) => listTasks(pool, v.parse(Query, request.query)));
app.get("/bare/v1/tasks", async (request) => bareListTasks(pool, v.parse(Query, request.query)));
app.post("/v1/contributions", async (request, reply) => {
  reply.code(201);
  return (await addContribution(pool, request.body, new Date())).contribution;
});
app.post("/at-once/v1/contributions", async (request, reply) => {
  reply.code(201);
  return addContributionAtOnce(pool, request.body);
});
app.post("/published/v1/contributions", async (request, reply) => {
  reply.code(201);
  return addAndPublish(request.body);
});
await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"]) });

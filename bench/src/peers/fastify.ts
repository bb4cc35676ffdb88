// Uses Fastify and `pg` as their documentation shows them, without accounts, limits, validation, audit or publishing.
import fastify from "fastify";
import pg from "pg";
import * as v from "valibot";
import { addContribution, addContributionAtOnce, listTasks } from "./acts.ts";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 10 });
const app = fastify();
const Query = v.record(v.string(), v.unknown());
app.get("/", async () => ({ ok: true }));
app.get("/v1/tasks", async (request) => listTasks(pool, v.parse(Query, request.query)));
app.post("/v1/contributions", async (request, reply) => {
  reply.code(201);
  return addContribution(pool, request.body);
});
app.post("/at-once/v1/contributions", async (request, reply) => {
  reply.code(201);
  return addContributionAtOnce(pool, request.body);
});
await app.listen({ host: "127.0.0.1", port: Number(process.env["PORT"]) });

// Uses Express and `pg` as their documentation shows them, without accounts, limits, validation, audit or publishing.
import express from "express";
import pg from "pg";
import * as v from "valibot";
import { addContribution, listTasks } from "./acts.ts";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 10 });
const app = express();
const Query = v.record(v.string(), v.unknown());
app.use(express.json());
app.get("/", (_request, response) => void response.json({ ok: true }));
app.get("/v1/tasks", async (request, response) => {
  response.json(await listTasks(pool, v.parse(Query, request.query)));
});
app.post("/v1/contributions", async (request, response) => {
  response.status(201).json((await addContribution(pool, request.body, new Date())).contribution);
});
app.listen(Number(process.env["PORT"]), "127.0.0.1");

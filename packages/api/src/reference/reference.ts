import { type Document, type Operation, answerOf, linkedFrom, parameterOf } from "./document.ts";
import { escape, page, prose } from "./html.ts";

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The OpenAPI document as one HTML page without scripts, so that it works on poor networks, in print, and with the browser's search. */
export function referencePage(document: Document): string {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const { title, version, description } = document.info;
  const groups = document.tags.map((tag) => ({
    ...tag,
    entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)),
  }));
  return page(
    `${title} API`,
    `<h1>${escape(title)} API</h1><p>${prose(description)}</p>
<p class="note">Version ${escape(version)}. The same as <a href="/openapi.json">OpenAPI 3.1</a>; problems are explained in <a href="/docs/problems">the catalogue</a>.</p>
<nav><ul>${groups.map((group) => `<li><a href="#${group.name}">${group.name}</a></li>`).join("")}<li><a href="#schemas">schemas</a></li></ul></nav>
${groups.map((group) => `<h2 id="${group.name}">${group.name}</h2><p>${prose(group.description)}</p>${group.entries.map((entry) => section(document, entry)).join("")}`).join("\n")}
<h2 id="schemas">schemas</h2>${Object.entries(document.components.schemas)
      .map(
        ([name, schema]) =>
          `<details id="schema-${name}"><summary><code>${name}</code></summary>${json(schema)}</details>`,
      )
      .join("")}`,
  );
}

function section(document: Document, { method, path, operation }: Entry): string {
  const { operationId, summary, description, security, requestBody } = operation;
  const body = Object.values(requestBody?.content ?? {})[0];
  return `<section id="${operationId}"><h3><span class="method">${method}</span> <code>${escape(path)}</code></h3>
<p><strong>${prose(summary)}.</strong> ${prose(description)}</p>
<p class="note">${security.length > 0 ? "Requires an access token." : "Public."} <code>${operationId}</code></p>
${parameters(document, operation)}${body ? `<p>Body:</p>${json(body.example)}<details><summary>Schema</summary>${json(body.schema)}</details>` : ""}
${answers(document, operation)}</section>`;
}

function parameters(document: Document, operation: Operation): string {
  const rows = operation.parameters.flatMap((one) => {
    const parameter = parameterOf(document, one);
    if (!parameter) return [];
    const { name, description, required, schema } = parameter;
    const values = Array.isArray(schema["enum"]) ? ` One of ${schema["enum"].map(String).join(", ")}.` : "";
    return `<tr><td><code>${escape(name)}</code></td><td>${parameter.in}${required ? ", required" : ""}</td><td>${prose(description)}${escape(values)}</td></tr>`;
  });
  return rows.length > 0 ? `<table>${rows.join("")}</table>` : "";
}

function answers(document: Document, operation: Operation): string {
  const rows = Object.entries(operation.responses).map(([status, one]) => {
    const answer = answerOf(document, one);
    const { description, content } = answer;
    const example = content?.["application/json"]?.example;
    const shown = example === undefined ? "" : json(example);
    return `<tr><td><code>${status}</code></td><td>${problems(description)}${shown}${links(linkedFrom(document, answer))}</td></tr>`;
  });
  return `<table>${rows.join("")}</table>`;
}

const links = (operationIds: readonly string[]) =>
  operationIds.length === 0
    ? ""
    : `<p class="note">Its ids are accepted by ${operationIds.map((id) => `<a href="#${id}"><code>${id}</code></a>`).join(", ")}.</p>`;

/** Links problem codes in a description to the catalogue. */
const problems = (description: string) =>
  prose(description).replaceAll(/<code>([A-Z_]+)<\/code>/g, '<a href="/docs/problems#$1"><code>$1</code></a>');

function json(value: unknown): string {
  const text = escape(JSON.stringify(value, null, 2) ?? "");
  return `<pre>${text.replaceAll(/#\/components\/schemas\/(\w+)/g, '<a href="#schema-$1">$&</a>')}</pre>`;
}

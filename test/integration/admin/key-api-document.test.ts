/** `/api/openapi.json` says what is served, and all of it; docs/api.md names each of it for people. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openApiDocument } from "../../../src/http/admin/api/open-api.ts";
import { BASIC, CREDENTIALS, openAdmin } from "../../support/admin/world.ts";

const GUIDE = readFileSync(resolve(import.meta.dirname, "../../../docs/api.md"), "utf8");
const TERMS = { version: "1.2.3", url: "https://rotator.internal" };

// Of OpenAPI 3.1 what we use, and nothing besides.
const Text = z.string().min(1);
const Schema = z.record(z.string(), z.unknown());
const Content = z.record(z.string().regex(/^[a-z]+\/[a-z+]+$/), z.strictObject({ schema: Schema }));
const Reference = z.strictObject({ $ref: Text });
const Response = z.strictObject({ description: Text, content: Content });
const OperationObject = z.strictObject({
  operationId: z.string().regex(/^[a-z][a-zA-Z]+$/),
  summary: Text,
  description: Text.optional(),
  parameters: z
    .array(
      z.strictObject({
        name: Text,
        in: z.enum(["path", "query"]),
        required: z.boolean(),
        description: Text.optional(),
        schema: Schema,
      }),
    )
    .optional(),
  requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(z.string().regex(/^[2-5]\d\d$/), z.union([Reference, Response])),
});
const OpenApi = z.strictObject({
  openapi: z.literal("3.1.0"),
  jsonSchemaDialect: z.url(),
  info: z.strictObject({ title: Text, version: Text, description: Text }),
  servers: z.array(z.strictObject({ url: Text })).length(1),
  security: z.array(z.record(z.string(), z.array(z.string()).length(0))),
  paths: z.record(
    z.string().startsWith("/api/"),
    z.strictObject({ get: OperationObject.optional(), post: OperationObject.optional() }),
  ),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[A-Z][a-zA-Z]+$/), Schema),
    responses: z.record(z.string().regex(/^[A-Z][a-zA-Z]+$/), Response),
    securitySchemes: z.record(
      z.string(),
      z.strictObject({ type: z.literal("http"), scheme: z.enum(["basic", "bearer"]), description: Text }),
    ),
  }),
});

const DOCUMENT = OpenApi.parse(openApiDocument(TERMS));
const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
  Object.entries(item).flatMap(([method, what]) =>
    what ? [{ method: method.toUpperCase(), path, what }] : [],
  ),
);

/** Every value of a field of this name, however deep. */
function valuesOf(field: string, value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === field ? [inner] : []),
    ...valuesOf(field, inner),
  ]);
}

function find(reference: unknown): unknown {
  const [hash, ...steps] = String(reference).split("/");
  const start: unknown = hash === "#" ? DOCUMENT : undefined;
  return steps.reduce((inner, step) => Object(inner)[step], start);
}

/** The paths of Fastify's tree, whose branches are four characters deeper than what they hang on. */
function pathsIn(tree: string): string[] {
  const parents: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, branch = "", part = "", methods] = /^(.*?[├└]── )(\S+)(?: \((.*)\))?/.exec(line) ?? [];
    if (branch === "") return [];
    const depth = branch.length / 4;
    const path = (parents[depth - 2] ?? "") + part;
    parents[depth - 1] = path;
    return methods === undefined ? [] : [path];
  });
}

describe("the OpenAPI document", () => {
  it("is served to whoever signs in, with the version and the address of the service", async () => {
    await using admin = await openAdmin({ signIn: CREDENTIALS, url: TERMS.url });
    expect((await admin.call("/api/openapi.json")).status).toBe(401);
    const answer = await admin.call("/api/openapi.json", { headers: BASIC });
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    const { info, ...rest } = OpenApi.parse(answer.json());
    expect(info.version).toBe("0.0.0-test");
    expect(rest).toMatchObject({ paths: DOCUMENT.paths, servers: [{ url: TERMS.url }] });
  });

  it("has every path that is served under /api, and no other", async () => {
    await using admin = await openAdmin();
    const served = pathsIn(admin.routes()).filter((path) => path.startsWith("/api"));
    const documented = Object.keys(DOCUMENT.paths).map((path) => path.replaceAll(/\{(\w+)\}/g, ":$1"));
    expect(served.toSorted()).toEqual(documented.toSorted());
  });

  it.each(OPERATIONS)(
    "has $method $path, which is served, and every other method is not",
    async ({ path }) => {
      await using admin = await openAdmin();
      const answer = await admin.call(path.replaceAll(/\{\w+\}/g, "billing"), { method: "DELETE" });
      const documented = OPERATIONS.filter((other) => other.path === path).map(({ method }) => method);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow?.split(", ").filter((method) => method !== "HEAD")).toEqual(documented);
    },
  );

  it("has references that lead somewhere, and no part that nothing leads to", () => {
    const references = new Set(valuesOf("$ref", DOCUMENT));
    for (const reference of references) expect(find(reference), String(reference)).toBeDefined();
    const parts = (["schemas", "responses"] as const).flatMap((kind) =>
      Object.keys(DOCUMENT.components[kind]).map((name) => `#/components/${kind}/${name}`),
    );
    expect(parts.filter((part) => !references.has(part))).toEqual([]);
  });

  it("names every operation once", () => {
    const names = OPERATIONS.map(({ what }) => what.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(OPERATIONS)("names the parts of the path of $method $path as its parameters", ({ path, what }) => {
    const inPath = (what.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect(inPath.map(({ name, required }) => [name, required])).toEqual(
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]),
    );
  });

  it.each(OPERATIONS)(
    "says how $method $path answers when it can, and when it cannot",
    ({ method, what }) => {
      const statuses = Object.keys(what.responses);
      expect(statuses.some((status) => status.startsWith("2"))).toBe(true);
      expect(statuses).toEqual(expect.arrayContaining(["400", "401", "403", "429", "500", "503"]));
      expect(what.requestBody !== undefined).toBe(method === "POST");
      if (method === "POST") expect(statuses).toEqual(expect.arrayContaining(["413", "415"]));
      for (const [status, response] of Object.entries(what.responses)) {
        const { content } = Response.parse("$ref" in response ? find(response.$ref) : response);
        const expected = status.startsWith("2") ? "application/json" : "application/problem+json";
        expect(Object.keys(content)[0], status).toBe(expected);
      }
    },
  );

  it("offers the ways to sign in, either of which is enough", () => {
    expect(DOCUMENT.security.map((way) => Object.keys(way))).toEqual([["basic"], ["bearer"]]);
    expect(Object.keys(DOCUMENT.components.securitySchemes)).toEqual(["basic", "bearer"]);
  });

  it("takes no field that is not named, and promises no client that answers will have no more", () => {
    const { schemas } = DOCUMENT.components;
    for (const name of ["RotationBody", "ReplacementBody"])
      expect(schemas[name]?.["additionalProperties"], name).toBe(false);
    for (const name of ["KeySummary", "AuditRecord", "Problem"])
      expect(schemas[name], name).not.toHaveProperty("additionalProperties");
  });
});

describe("docs/api.md", () => {
  it.each(OPERATIONS)("names $method $path", ({ method, path }) => {
    expect(GUIDE).toContain(`\`${method} ${path}\``);
  });

  it("names no path that is not served", () => {
    const named = [...GUIDE.matchAll(/`(?:GET|POST) (\/api\/[^`]*)`/g)].map(([, path = ""]) => path);
    expect(named.filter((path) => !(path in DOCUMENT.paths))).toEqual([]);
  });

  it("says what every status means that is not an answer", () => {
    const statuses = new Set(OPERATIONS.flatMap(({ what }) => Object.keys(what.responses)));
    for (const status of statuses)
      if (!status.startsWith("2")) expect(GUIDE).toMatch(new RegExp(`^\\| ${status} +\\|`, "m"));
  });
});

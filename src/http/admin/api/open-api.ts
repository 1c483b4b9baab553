/** The API as an OpenAPI 3.1 document, made of the very schemas that requests are read with. Pure. */
import { z } from "zod";
import { PROBLEM_CONTENT_TYPE, statusTitle } from "../../problem.ts";
import { BODIES } from "./bodies.ts";
import { NOTHING, type Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { ANSWERS } from "./shapes.ts";

type Json = Readonly<Record<string, unknown>>;

export type DocumentTerms = {
  readonly version: string;
  /** Where people reach the listener; null: where the document comes from. */
  readonly url: string | null;
};

/** Reasons to say no that every operation has. */
const ALWAYS = {
  400: "The request cannot be understood; `detail` says what is wrong with it",
  401: "Sign in",
  403: "The credentials are a viewer's and this takes an operator's, or the request is from a page of another site",
  429: "Too many sign-ins failed from this address; `Retry-After` says how long to wait",
  500: "A fault of the rotator's; its log says more",
  503: "A neighbour of the rotator does not answer in time",
};
const OF_PATHS = { 414: "A part of the path is too long" };
const OF_BODIES = {
  413: "The body is larger than 16 KiB",
  415: "The body is not sent as application/json",
};

export function openApiDocument({ version, url }: DocumentTerms): Json & { readonly openapi: string } {
  const schemas = { ...componentsOf(ANSWERS, "output"), ...componentsOf(BODIES, "input") };
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: { title: "Paddle key rotator", version, description: ABOUT },
    servers: [{ url: url ?? "/" }],
    security: [{ basic: [] }, { bearer: [] }],
    paths: Object.fromEntries(OPERATIONS.map((one) => [one.path, { [one.method.toLowerCase()]: show(one) }])),
    components: {
      schemas,
      responses: Object.fromEntries(
        Object.entries({ ...ALWAYS, ...OF_PATHS, ...OF_BODIES }).map(([status, says]) => [
          nameOf(Number(status)),
          refusal(says, Number(status)),
        ]),
      ),
      securitySchemes: {
        basic: { type: "http", scheme: "basic", description: "For people: ADMIN_USER, or ADMIN_VIEWER_USER" },
        bearer: {
          type: "http",
          scheme: "bearer",
          description: "For programs: ADMIN_TOKEN, or ADMIN_VIEWER_TOKEN",
        },
      },
    },
  };
}

const ABOUT =
  "Looks at the managed keys and asks for what may be done to them. Viewers may look; everything else takes an operator. " +
  "No answer holds a secret: secrets are shown as fingerprints. Every HEAD is answered like the GET beside it, without its body.";

function show(one: Operation): Json {
  const shared = {
    ...ALWAYS,
    ...(one.params !== NOTHING && OF_PATHS),
    ...(one.body !== NOTHING && OF_BODIES),
  };
  const parameters = [...parametersOf(one.params, "path"), ...parametersOf(one.query, "query")];
  return {
    operationId: one.id,
    summary: one.summary,
    ...(one.description !== undefined && { description: one.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(one.body !== NOTHING && { requestBody: requestBody(one.body) }),
    responses: {
      ...mapped(one.answers, (answer) => response(answer)),
      ...mapped(shared, (_says, status) => ({ $ref: `#/components/responses/${nameOf(status)}` })),
      ...mapped(one.problems, refusal),
    },
  };
}

function mapped<T>(
  byStatus: Readonly<Record<number, T>>,
  make: (value: T, status: number) => Json,
): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, value]) => [status, make(value, Number(status))]),
  );
}

/** `NotFound` */
function nameOf(status: number): string {
  return statusTitle(status).replaceAll(/\W/g, "");
}

function parametersOf(schema: z.ZodType, place: "path" | "query"): Json[] {
  if (schema === NOTHING) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...inner } = Object(property);
    return {
      name,
      in: place,
      required: place === "path" || required.includes(name),
      ...(description !== undefined && { description }),
      schema: inner,
    };
  });
}

function requestBody(body: z.ZodType): Json {
  const required = !body.safeParse(undefined).success;
  return { required, content: { "application/json": { schema: reference(BODIES, body) } } };
}

function response({ says, body, alsoAs = {} }: Operation["answers"][number]): Json {
  const others = Object.entries(alsoAs).map(([type, description]) => [
    type,
    { schema: { type: "string", description } },
  ]);
  const content = { "application/json": { schema: reference(ANSWERS, body) }, ...Object.fromEntries(others) };
  return { description: says, content };
}

function refusal(says: string, status: number): Json {
  const schema = reference(ANSWERS, status === 422 ? ANSWERS.Rejection : ANSWERS.Problem);
  return { description: `${statusTitle(status)}: ${says}`, content: { [PROBLEM_CONTENT_TYPE]: { schema } } };
}

type Named = Readonly<Record<string, z.ZodType>>;

function reference(named: Named, schema: z.ZodType): Json {
  const [name] = Object.entries(named).find(([, candidate]) => candidate === schema) ?? [];
  if (name === undefined) throw new Error("a schema of the API has no name");
  return { $ref: refTo(name) };
}

function componentsOf(named: Named, io: "input" | "output"): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: refTo,
    override: ({ jsonSchema }) => {
      // An answer may come to have more fields; a client must not stumble over them.
      if (io === "output" && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => [id, schema]),
  );
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

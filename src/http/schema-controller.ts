/**
 * In the place of Fastify's compilers of JSON schemas, which it loads at start unless it is given others. Requests are
 * read with zod and answers are written by `JSON.stringify`: no route has such a schema, and one that had is told so.
 */
const refuse = () => () => {
  throw new Error("routes have no JSON schemas: read the request with zod");
};

export const schemaController = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
};
